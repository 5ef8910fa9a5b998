#include "depth/frame_body.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "depth/frame_rows.hpp"

namespace nearfar::depth {
namespace {

constexpr std::size_t numbers = 65536;  // that 16 bits can say
constexpr std::size_t chunk = 4096;
constexpr std::size_t sample_step = 17;

// Which values occur: a byte of 0 or 1 for each number, and a last 0.
class Occurring {
public:
    void add(const std::uint16_t* values, std::size_t count, std::size_t step) noexcept {
        for (std::size_t i = 0; i < count; i += step) there_[values[i]] = 1;
    }

    // Calls visit(value) in rising order.
    template <class Visit>
    void each(const Visit& visit) const {
        for (std::size_t start = 0; start < numbers; start += 8) {
            std::uint64_t eight;
            std::memcpy(&eight, there_.get() + start, sizeof eight);
            if (eight == 0) continue;
            for (std::size_t value = start; value < start + 8; ++value) {
                if (there_[value] != 0) visit(value);
            }
        }
    }

    bool has(std::size_t value) const noexcept { return there_[value] != 0; }

private:
    std::unique_ptr<std::uint8_t[]> there_{new std::uint8_t[numbers + 1]()};
};

}  // namespace

std::vector<std::uint16_t> palette_of(const std::uint16_t* values, std::size_t count) {
    Occurring occurring;
    occurring.add(values, count, sample_step);
    std::size_t found = 0, with_neighbour = 0;
    occurring.each([&](std::size_t value) {
        ++found;
        if (occurring.has(value + 1)) ++with_neighbour;
    });
    std::vector<std::uint16_t> palette;
    if (with_neighbour * 4 > found * 3) return palette;
    occurring.add(values, count, 1);
    occurring.each([&](std::size_t value) { palette.push_back(static_cast<std::uint16_t>(value)); });
    if (palette.size() * 64 > count) palette.clear();
    return palette;
}

void write_body(const std::uint16_t* values, std::size_t count, const std::vector<std::uint16_t>& palette,
                std::uint8_t* body) {
    const FrameRows& level = frame_rows();
    if (palette.empty()) {
        level.split16(values, count, 0, body, count);
        return;
    }
    const std::unique_ptr<std::uint16_t[]> place(new std::uint16_t[numbers]);
    for (std::size_t i = 0; i < palette.size(); ++i) place[palette[i]] = static_cast<std::uint16_t>(i);
    std::uint16_t before = 0;
    std::uint16_t places[chunk];
    for (std::size_t start = 0; start < count; start += chunk) {
        const std::size_t run = std::min(chunk, count - start);
        for (std::size_t i = 0; i < run; ++i) places[i] = place[values[start + i]];
        level.split16(places, run, before, body + start, count);
        before = places[run - 1];
    }
    level.split16(palette.data(), palette.size(), 0, body + 2 * count, palette.size());
}

void write_body(const std::uint32_t* values, std::size_t count, std::uint8_t* body) {
    frame_rows().split32(values, count, 0, body, count);
}

void read_body(const std::uint8_t* body, std::size_t count, std::size_t entries, std::uint16_t* out) {
    const FrameRows& level = frame_rows();
    if (entries == 0) {
        level.join16(body, count, count, 0, out);
        return;
    }
    std::vector<std::uint16_t> palette(entries);
    level.join16(body + 2 * count, entries, entries, 0, palette.data());
    palette.resize(std::max(entries, numbers));  // whatever a sample says, the look-up stays inside
    std::uint16_t before = 0;
    std::size_t furthest = 0;
    for (std::size_t start = 0; start < count; start += chunk) {
        const std::size_t run = std::min(chunk, count - start);
        std::uint16_t* samples = out + start;
        level.join16(body + start, count, run, before, samples);
        before = samples[run - 1];
        std::uint16_t largest = 0;
        for (std::size_t i = 0; i < run; ++i) largest = std::max(largest, samples[i]);
        furthest = std::max<std::size_t>(furthest, largest);
        for (std::size_t i = 0; i < run; ++i) samples[i] = palette[samples[i]];
    }
    if (furthest >= entries) throw std::invalid_argument("a sample lies beyond the palette");
}

void read_body(const std::uint8_t* body, std::size_t count, std::uint32_t* out) {
    frame_rows().join32(body, count, count, 0, out);
}

}  // namespace nearfar::depth
