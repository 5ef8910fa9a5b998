// What nearfar.effects makes of a measured map: edges settled, aligned to a picture, rims widened.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "effects/align.hpp"
#include "effects/rims.hpp"
#include "effects/settle.hpp"
#include "effects/shrink.hpp"
#include "tests/laws.hpp"
#include "tests/packages.hpp"

namespace nearfar::tests {

void try_measured_map(std::size_t height, std::size_t width) {
    const std::size_t times = 1 + below(3), tall = height * times + below(3), wide = width * times + below(3);
    const auto large = block<std::uint8_t>(tall * wide * 3), small = block<std::uint8_t>(height * width * 3);
    for (std::size_t i = 0; i < tall * wide * 3; ++i) large[i] = static_cast<std::uint8_t>(below(256));
    using effects::Index;
    const Index rows = static_cast<Index>(height), columns = static_cast<Index>(width);
    const Index down = static_cast<Index>(tall), across = static_cast<Index>(wide);
    effects::shrink(large.get(), {across, down}, {columns, rows}, small.get());
    const auto map = block<float>(height * width), settled = block<float>(height * width);
    for (std::size_t i = 0; i < height * width; ++i) map[i] = static_cast<float>(below(3)) * 0.5F;
    effects::settle_edges({map.get(), columns, rows}, small.get(), settled.get());
    const auto aligned = block<float>(tall * wide);
    const effects::Picture picture{large.get(), effects::Coding::bytes, across, down};
    effects::align(picture, {settled.get(), columns, rows}, 0.1F, aligned.get());
    const effects::RimCells cells({settled.get(), columns, rows}, 0.0F, 0.1F);
    const std::vector<float> before(aligned.get(), aligned.get() + tall * wide);
    cells.widen(aligned.get(), across, down);
    for (std::size_t i = 0; i < tall * wide; ++i) require(aligned[i] >= before[i], "rims grow nearer");
}

}  // namespace nearfar::tests
