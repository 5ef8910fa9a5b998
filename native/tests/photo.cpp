// Lossless JPEG of nearfar.photo: streams that come back, and mutated ones.
#include "tests/packages.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "photo/lossless_jpeg.hpp"
#include "tests/laws.hpp"

namespace nearfar::tests {
namespace {

std::vector<std::uint8_t> mutated(std::vector<std::uint8_t> stream) {
    for (std::size_t edits = 1 + below(4); edits > 0 && !stream.empty(); --edits) {
        const std::size_t at = below(below(2) == 0 ? stream.size() : std::min<std::size_t>(stream.size(), 100));
        const auto place = stream.begin() + static_cast<std::ptrdiff_t>(at);
        switch (below(4)) {
            case 0: stream[at] = static_cast<std::uint8_t>(below(256)); break;
            case 1: stream[at] = below(2) == 0 ? 0xFF : 0x00; break;
            case 2: stream.erase(place); break;
            default: stream.insert(place, static_cast<std::uint8_t>(below(256)));
        }
    }
    return stream;
}

}  // namespace

void try_streams(int mutations) {
    std::vector<std::vector<std::uint8_t>> streams;
    for (int predictor = 1; predictor <= 7; ++predictor) {
        const std::size_t height = 1 + below(40);
        const std::size_t width = 1 + below(40);
        const auto samples = block<std::uint16_t>(height * width);
        for (std::size_t i = 0; i < height * width; ++i) {
            samples[i] = static_cast<std::uint16_t>(below(2) == 0 ? 16384 + below(64) : below(65536));
        }
        streams.push_back(photo::encode_lossless_jpeg(samples.get(), height, width, predictor));
        const photo::LosslessPicture picture =
            photo::decode_lossless_jpeg(streams.back().data(), streams.back().size(), 1 << 20);
        require(std::memcmp(picture.samples.data(), samples.get(), height * width * 2) == 0, "lossless is lossless");
    }
    int refused = 0;
    for (int i = 0; i < mutations; ++i) {
        const std::vector<std::uint8_t> changed = mutated(streams[below(streams.size())]);
        const auto exact = block<std::uint8_t>(changed.size());
        std::copy(changed.begin(), changed.end(), exact.get());
        try {
            photo::decode_lossless_jpeg(exact.get(), changed.size(), 1 << 20);
        } catch (const std::invalid_argument&) {
            ++refused;
        }
    }
    require(refused > mutations / 4, "mutations are refused");
}

}  // namespace nearfar::tests
