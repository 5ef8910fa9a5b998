#include "depth/matches.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace nearfar::depth {
namespace {

constexpr unsigned table_bits = 14;
constexpr std::size_t match_cost = 12;    // bits of the two codes of a match, or about so many
constexpr std::size_t most_kept = 16;      // places of a match, from its second on
constexpr std::size_t patience = 32;      // bytes without a match, until one in two is passed over, and so on
constexpr std::size_t wide = 8;           // bytes that are compared at once

std::uint64_t eight(const std::uint8_t* at) noexcept {
    std::uint64_t bytes;
    std::memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

// How many of eight bytes are the same, from the first one on.
std::size_t same_of_eight(const std::uint8_t* a, const std::uint8_t* b) noexcept {
    const std::uint64_t other = eight(a) ^ eight(b);
    const int zeros = std::endian::native == std::endian::little ? std::countr_zero(other) : std::countl_zero(other);
    return static_cast<std::size_t>(zeros) / 8;
}

// How long a match is whose first eight bytes are the same.
std::size_t long_match(const std::uint8_t* a, const std::uint8_t* b, std::size_t most) noexcept {
    std::size_t length = wide;
    while (length + wide <= most) {
        const std::size_t same = same_of_eight(a + length, b + length);
        length += same;
        if (same < wide) return length;
    }
    while (length < most && a[length] == b[length]) ++length;
    return length;
}

std::size_t extra_bits(std::size_t distance) noexcept {
    return std::max(static_cast<std::size_t>(std::bit_width(distance - 1)), std::size_t{2}) - 2;
}

}  // namespace

Matcher::Matcher(const std::uint8_t* data, std::size_t count)
    : data_(data), count_(count), table_(std::size_t{1} << table_bits) {}

// The places so far with the bytes of this one, which is kept as the last of them.
inline Matcher::Places Matcher::kept(std::size_t place) noexcept {
    std::uint32_t four;
    std::memcpy(&four, data_ + place, sizeof four);
    Places& places = table_[four * 2654435761U >> (32 - table_bits)];
    const Places so_far = places;
    places = {static_cast<std::uint32_t>(place), so_far.last};
    return so_far;
}

// The first eight bytes of a match at the most. Without branches: which way they go is as good as random.
inline Matcher::Match Matcher::match_at(std::size_t place, std::uint32_t candidate) const noexcept {
    const std::size_t distance = static_cast<std::uint32_t>(place) - candidate;
    const bool there = distance - 1 < std::min(furthest_match, place);
    const std::uint8_t* here = data_ + place;
    const std::size_t same = same_of_eight(here, here - (there ? distance : 0));
    return {there ? same : 0, distance};
}

inline Matcher::Match Matcher::best_at(std::size_t place) noexcept {
    const Places places = kept(place);
    const Match last = match_at(place, places.last), before = match_at(place, places.before);
    Match best = before.length > last.length ? before : last;
    if (best.length == wide) {
        const std::uint8_t* here = data_ + place;
        const std::size_t most = std::min(longest_match, count_ - place);
        best.length = long_match(here, here - best.distance, most);
        if (before.length == last.length) {
            const std::size_t other = long_match(here, here - before.distance, most);
            if (other > best.length) best = {other, before.distance};
        }
    }
    return best;
}

std::size_t Matcher::read(Token* out, std::size_t most, std::size_t byte_cost) noexcept {
    const std::size_t last = count_ < wide ? 0 : count_ - wide + 1;  // matches begin before
    std::size_t length = 0, missed = 0, place = place_;
    while (length < most && place < last) {
        const Match found = best_at(place);
        const std::size_t cost = 8 * (match_cost + extra_bits(found.distance));
        if (found.length < shortest_match || found.length * byte_cost < cost) {
            const std::size_t step = std::min({1 + missed++ / patience, most - length, count_ - place});
            for (std::size_t i = 0; i < step; ++i) out[length++] = {data_[place++], 0};
            continue;
        }
        missed = 0;
        out[length++] = {static_cast<std::uint16_t>(256 + found.length), static_cast<std::uint16_t>(found.distance)};
        const std::size_t end = std::min(place + std::min(found.length, most_kept), last);
        for (std::size_t inside = place + 1; inside < end; ++inside) kept(inside);
        place += found.length;
    }
    while (length < most && place < count_) out[length++] = {data_[place++], 0};
    place_ = place;
    return length;
}

}  // namespace nearfar::depth
