#include "depth/deflate.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <vector>

#include "depth/frame_rows.hpp"
#include "depth/matches.hpp"
#include "depth/prefix_code.hpp"

namespace nearfar::depth {
namespace {

constexpr std::size_t block_tokens = 32768;
constexpr std::size_t first_cost = 48;  // of a byte, eighths of a bit, before a block has told
constexpr std::size_t end_of_block = 256, first_length = 257, symbols = 286, distance_symbols = 30;
constexpr unsigned longest_code = 12, longest_length_code = 7;
constexpr std::size_t header_room = 512;  // of a block's codes, and more
constexpr std::size_t spill = 8;          // bytes that are written beyond the last one

// RFC 1951, 3.2.5: of each length symbol the shortest match and how many bits say how much longer it is.
constexpr std::array<std::uint16_t, 29> base_of_length{3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                                       31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
constexpr std::array<std::uint8_t, 29> extra_of_length{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                       2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
constexpr std::array<std::uint8_t, 19> order_of_lengths{16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                        11, 4,  12, 3, 13, 2, 14, 1, 15};  // 3.2.7

constexpr auto length_symbols = [] {
    std::array<std::uint8_t, longest_match + 1> which{};
    for (std::size_t symbol = 0; symbol < base_of_length.size(); ++symbol) {
        for (std::size_t length = base_of_length[symbol]; length <= longest_match; ++length) {
            which[length] = static_cast<std::uint8_t>(symbol);
        }
    }
    return which;
}();

// Two symbols for each power of two, by the bit below the highest; for 0 one beyond all.
constexpr std::size_t distance_kinds = 64;

std::size_t distance_symbol(std::uint32_t distance) noexcept {
    const unsigned extra = std::max(static_cast<unsigned>(std::bit_width(distance - 1)), 2U) - 2;
    return 2 * extra + ((distance - 1) >> extra);
}

constexpr unsigned most_bits = 56;

// Bits, the first one lowest, eight bytes at a time.
class BitWriter {
public:
    explicit BitWriter(std::uint8_t* out) noexcept : at_(out) {}

    // At most most_bits.
    void put(std::uint64_t bits, unsigned count) noexcept {
        held_ |= bits << count_;
        count_ += count;
        for (std::size_t i = 0; i < 8; ++i) at_[i] = static_cast<std::uint8_t>(held_ >> (8 * i));
        at_ += count_ >> 3;
        held_ >>= count_ & ~7U;
        count_ &= 7;
    }

    // The place behind the last byte, which is filled up with zeros.
    std::uint8_t* end() const noexcept { return count_ > 0 ? at_ + 1 : at_; }

private:
    std::uint8_t* at_;
    std::uint64_t held_ = 0;
    unsigned count_ = 0;
};

// Some tokens, and how often each symbol occurs among them.
struct Block {
    std::array<Token, block_tokens> tokens;
    std::size_t length = 0;
    std::vector<std::uint32_t> lengths, distances;

    void count() {
        constexpr std::size_t turns = 4;  // a number that is counted up again at once would wait for itself
        std::array<std::array<std::uint32_t, Token::kinds>, turns> kinds{};
        std::array<std::array<std::uint32_t, distance_kinds>, turns> far{};
        for (std::size_t i = 0; i < length; ++i) {
            ++kinds[i % turns][tokens[i].kind];
            ++far[i % turns][distance_symbol(tokens[i].distance)];
        }
        lengths.assign(symbols, 0);
        distances.assign(distance_symbols, 0);
        for (std::size_t turn = 0; turn < turns; ++turn) {
            for (std::size_t byte = 0; byte < end_of_block; ++byte) lengths[byte] += kinds[turn][byte];
            for (std::size_t n = shortest_match; n <= longest_match; ++n) {
                lengths[first_length + length_symbols[n]] += kinds[turn][end_of_block + n];
            }
            for (std::size_t symbol = 0; symbol < distance_symbols; ++symbol) distances[symbol] += far[turn][symbol];
        }
        lengths[end_of_block] = 1;
    }
};

// The lengths of the codes of a block, as a block states them (3.2.7): a symbol, and how often it is repeated.
struct StatedLength {
    std::uint8_t symbol, extra, extra_bits;
};

std::vector<StatedLength> stated(const std::vector<std::uint8_t>& lengths) {
    std::vector<StatedLength> all;
    for (std::size_t i = 0; i < lengths.size();) {
        std::size_t same = 1;
        while (i + same < lengths.size() && lengths[i + same] == lengths[i]) ++same;
        i += same;
        const std::uint8_t length = lengths[i - 1];
        if (length > 0) {
            all.push_back({length, 0, 0});
            --same;
        }
        while (same >= 3) {
            const std::size_t most = length > 0 ? 6 : 138;
            const std::size_t now = std::min(same, most);
            if (length > 0) {
                all.push_back({16, static_cast<std::uint8_t>(now - 3), 2});
            } else if (now <= 10) {
                all.push_back({17, static_cast<std::uint8_t>(now - 3), 3});
            } else {
                all.push_back({18, static_cast<std::uint8_t>(now - 11), 7});
            }
            same -= now;
        }
        for (; same > 0; --same) all.push_back({length, 0, 0});
    }
    return all;
}

// How many of the lengths a block states, `least` or more: zeros at the end are left out.
std::size_t stated_count(const std::vector<std::uint8_t>& lengths, std::size_t least) noexcept {
    std::size_t count = lengths.size();
    while (count > least && lengths[count - 1] == 0) --count;
    return count;
}

void write_codes(const PrefixCode& code, const PrefixCode& distance_code, BitWriter& out) {
    const std::size_t used = stated_count(code.lengths, first_length);
    const std::size_t distances = stated_count(distance_code.lengths, 1);
    std::vector<std::uint8_t> lengths(used + distances);
    std::copy_n(code.lengths.begin(), used, lengths.begin());
    std::copy_n(distance_code.lengths.begin(), distances, lengths.begin() + static_cast<std::ptrdiff_t>(used));
    const std::vector<StatedLength> all = stated(lengths);
    std::vector<std::uint32_t> frequencies(order_of_lengths.size());
    for (const StatedLength& each : all) ++frequencies[each.symbol];
    const PrefixCode short_code = prefix_code(frequencies, longest_length_code);
    std::size_t sent = order_of_lengths.size();
    while (sent > 4 && short_code.lengths[order_of_lengths[sent - 1]] == 0) --sent;
    out.put(used - first_length, 5);
    out.put(distances - 1, 5);
    out.put(sent - 4, 4);
    for (std::size_t i = 0; i < sent; ++i) out.put(short_code.lengths[order_of_lengths[i]], 3);
    for (const StatedLength& each : all) {
        out.put(short_code.codes[each.symbol], short_code.lengths[each.symbol]);
        out.put(each.extra, each.extra_bits);
    }
}

struct Bits {
    std::uint32_t bits = 0, count = 0;
    unsigned extra = 0;  // bits of the distance that follow
};

// Whether a byte or a match comes next is as good as random: both go one way, but where bytes abound.
void write_tokens(const Block& block, const PrefixCode& code, const PrefixCode& distance_code, BitWriter& out) {
    std::array<Bits, Token::kinds> kinds{};
    std::array<Bits, distance_kinds> far{};
    for (std::size_t byte = 0; byte < end_of_block; ++byte) kinds[byte] = {code.codes[byte], code.lengths[byte]};
    for (std::size_t n = shortest_match; n <= longest_match; ++n) {
        const std::size_t which = length_symbols[n], symbol = first_length + which;
        const auto more = static_cast<std::uint32_t>(n - base_of_length[which]);
        kinds[end_of_block + n] = {code.codes[symbol] | more << code.lengths[symbol],
                                   std::uint32_t{code.lengths[symbol]} + extra_of_length[which]};
    }
    for (std::size_t symbol = 0; symbol < distance_symbols; ++symbol) {
        const unsigned extra = symbol < 4 ? 0 : static_cast<unsigned>(symbol) / 2 - 1;
        far[symbol] = {distance_code.codes[symbol], distance_code.lengths[symbol], extra};
    }
    static_assert(2 * longest_code + 5 + 13 <= most_bits && 4 * longest_code <= most_bits);
    for (std::size_t i = 0; i < block.length; ++i) {
        const Token* next = &block.tokens[i];
        if (i + 4 <= block.length && ((next[0].kind | next[1].kind | next[2].kind | next[3].kind) < end_of_block)) {
            const Bits a = kinds[next[0].kind], b = kinds[next[1].kind], c = kinds[next[2].kind], d = kinds[next[3].kind];
            const std::uint64_t first = a.bits | b.bits << a.count, second = c.bits | d.bits << c.count;
            out.put(first | second << (a.count + b.count), a.count + b.count + c.count + d.count);
            i += 3;
            continue;
        }
        const Bits kind = kinds[next->kind], place = far[distance_symbol(next->distance)];
        const std::uint64_t extra = (next->distance - 1U) & ((1U << place.extra) - 1U);
        const std::uint64_t far_bits = place.bits | extra << place.count;
        out.put(kind.bits | far_bits << kind.count, kind.count + place.count + place.extra);
    }
    out.put(code.codes[end_of_block], code.lengths[end_of_block]);
}

// What a byte by itself costs in a block, eighths of a bit.
std::size_t byte_cost(const Block& block, const PrefixCode& code, std::size_t before) noexcept {
    std::size_t bytes = 0, bits = 0;
    for (std::size_t byte = 0; byte < end_of_block; ++byte) {
        bytes += block.lengths[byte];
        bits += std::size_t{block.lengths[byte]} * code.lengths[byte];
    }
    return bytes < 100 ? before : 8 * bits / bytes;  // few tell little
}

}  // namespace

std::size_t most_deflated(std::size_t count) noexcept {
    return count + count / 2 + (count / block_tokens + 1) * header_room + spill;
}

std::size_t deflate(const std::uint8_t* data, std::size_t count, std::uint8_t* out) {
    out[0] = 0x78;  // deflate, a window of 32 KB
    out[1] = 0x01;  // quickly made; both bytes together are a multiple of 31
    BitWriter bits(out + 2);
    Matcher matcher(data, count);
    const std::unique_ptr<Block> block(new Block);
    for (std::size_t cost = first_cost; !matcher.at_end();) {
        block->length = matcher.read(block->tokens.data(), block_tokens, cost);
        block->count();
        const PrefixCode code = prefix_code(block->lengths, longest_code);
        const PrefixCode distance_code = prefix_code(block->distances, longest_code);
        bits.put(matcher.at_end() ? 5 : 4, 3);
        write_codes(code, distance_code, bits);
        write_tokens(*block, code, distance_code, bits);
        cost = byte_cost(*block, code, cost);
    }
    std::uint8_t* end = bits.end();
    const std::uint32_t sum = frame_rows().adler32(1, data, count);
    for (unsigned i = 0; i < 4; ++i) *end++ = static_cast<std::uint8_t>(sum >> (24 - 8 * i));
    return static_cast<std::size_t>(end - out);
}

}  // namespace nearfar::depth
