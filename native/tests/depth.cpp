// Codes, coded frames and maps of nearfar.depth.
#include "tests/packages.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "depth/codes.hpp"
#include "depth/deflate.hpp"
#include "depth/fill.hpp"
#include "depth/frame_body.hpp"
#include "depth/frame_rows.hpp"
#include "depth/prefix_code.hpp"
#include "depth/resample.hpp"
#include "tests/laws.hpp"

namespace nearfar::tests {

void try_codes(std::size_t count) {
    const auto bytes = block<std::uint8_t>(count);
    const auto words = block<std::uint16_t>(count);
    const auto floats = block<float>(count);
    const auto again = block<std::uint8_t>(count);
    for (std::size_t i = 0; i < count; ++i) {
        bytes[i] = static_cast<std::uint8_t>(below(256));
        words[i] = static_cast<std::uint16_t>(below(65536));
    }
    depth::decode_codes(words.get(), count, {100, 60000, 0.5, 4.5}, floats.get());
    depth::decode_codes(bytes.get(), count, {0, 255, 0.5, 4.5}, floats.get());
    depth::encode_codes(floats.get(), count, 0.5, 4.5, again.get());
    require(std::memcmp(bytes.get(), again.get(), count) == 0, "codes survive the way through floats");
    const auto holes = map_with_holes(count);
    depth::encode_codes(holes.get(), count, -1e30, 1e30, again.get());
    depth::encode_codes(holes.get(), count, 1, 1, again.get());
}

void try_maps(std::size_t height, std::size_t width) {
    const auto values = map_with_holes(height * width);
    const auto filled = block<float>(height * width);
    depth::fill_holes(values.get(), height, width, filled.get());
    for (std::size_t i = 0; i < height * width; ++i) {
        require(std::isnan(values[i]) || values[i] == filled[i], "filling leaves values alone");
    }
    for (const depth::Resampling method : {depth::Resampling::linear, depth::Resampling::nearest}) {
        const depth::Size larger{height * 2 + 1, width * 3};
        const depth::Size smaller{(height + 2) / 3, (width + 1) / 2};
        for (const depth::Size to : {depth::Size{1, 1}, {height, width}, larger, smaller}) {
            const auto out = block<float>(to.height * to.width);
            depth::resample(values.get(), {height, width}, out.get(), to, method);
        }
    }
}

// Room for codes is used up, by the rarest symbols too; the stream stays within its bounds (Python undoes it).
void try_deflate(const std::uint8_t* data, std::size_t count) {
    std::vector<std::uint32_t> frequencies(2 + below(285));
    for (std::uint32_t& each : frequencies) each = below(3) == 0 ? 0 : 1U << below(32);
    const std::vector<std::uint8_t> lengths = depth::prefix_code(frequencies, 12).lengths;
    std::size_t room = 0;
    for (const std::uint8_t length : lengths) room += length == 0 ? 0 : std::size_t{1} << (12 - length);
    require(room == 1 << 12, "a prefix code is complete");
    const std::size_t most = depth::most_deflated(count);
    const auto stream = block<std::uint8_t>(most);
    require(count == 0 || depth::deflate(data, count, stream.get()) <= most, "a stream within its bounds");
}

// The bodies of coded frames: there and back, and of any bytes; by way of a palette where there are few values.
void try_frames(std::size_t count) {
    const auto words = block<std::uint16_t>(count), words_again = block<std::uint16_t>(count);
    const auto longs = block<std::uint32_t>(count), longs_again = block<std::uint32_t>(count);
    const std::size_t values = below(2) == 0 ? 65536 : 1 + count / 128;
    for (std::size_t i = 0; i < count; ++i) {
        words[i] = static_cast<std::uint16_t>(below(values) * (65536 / values));
        longs[i] = static_cast<std::uint32_t>(random_bits()());
    }
    const std::vector<std::uint16_t> palette = depth::palette_of(words.get(), count);
    const std::size_t length = 2 * (count + palette.size());
    const auto body = block<std::uint8_t>(length), wide = block<std::uint8_t>(4 * count);
    depth::write_body(words.get(), count, palette, body.get());
    depth::read_body(body.get(), count, palette.size(), words_again.get());
    require(std::memcmp(words.get(), words_again.get(), 2 * count) == 0, "16-bit frames come back");
    depth::write_body(longs.get(), count, wide.get());
    depth::read_body(wide.get(), count, longs_again.get());
    require(std::memcmp(longs.get(), longs_again.get(), 4 * count) == 0, "32-bit frames come back");
    const std::uint32_t sum = depth::frame_rows().crc32c(0, body.get(), length);
    const std::size_t cut = below(length + 1);
    const std::uint32_t first = depth::frame_rows().crc32c(0, body.get(), cut);
    require(depth::frame_rows().crc32c(first, body.get() + cut, length - cut) == sum, "sums of pieces are one sum");
    try_deflate(body.get(), length);
    for (std::size_t i = 0; i < length; ++i) body[i] = static_cast<std::uint8_t>(below(256));
    try_deflate(body.get(), length);
    try {
        depth::read_body(body.get(), count, palette.size(), words_again.get());
    } catch (const std::invalid_argument&) {
        require(!palette.empty(), "without a palette any body is a frame");
    }
}

}  // namespace nearfar::tests
