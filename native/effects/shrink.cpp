#include "effects/shrink.hpp"

#include <algorithm>
#include <vector>

#include "core/pool.hpp"
#include "effects/measured_rows.hpp"

namespace nearfar::effects {
namespace {

// The first pixel of `from` under each pixel of `to`, that at its edge, rounded; and the end.
std::vector<Index> edges_of(Index from, Index to) {
    std::vector<Index> edges(static_cast<std::size_t>(to) + 1);
    for (Index i = 0; i <= to; ++i) edges[static_cast<std::size_t>(i)] = (2 * i * from + to) / (2 * to);
    return edges;
}

void add(const std::uint8_t* row, Index count, std::uint32_t* sums) { measured_rows().add_bytes(row, count, sums); }
void add(const std::uint16_t* row, Index count, std::uint32_t* sums) { measured_rows().add_words(row, count, sums); }

// One row of means of `rows` rows' sums.
void divide(const std::uint32_t* sums, const std::vector<Index>& columns, Index rows, std::uint8_t* out) noexcept {
    for (std::size_t x = 0; x + 1 < columns.size(); ++x, out += 3) {
        std::uint64_t red = 0, green = 0, blue = 0;
        for (Index i = columns[x]; i < columns[x + 1]; ++i) {
            red += sums[3 * i], green += sums[3 * i + 1], blue += sums[3 * i + 2];
        }
        const auto count = static_cast<double>(rows * (columns[x + 1] - columns[x]));
        out[0] = static_cast<std::uint8_t>(static_cast<double>(red) / count + 0.5);
        out[1] = static_cast<std::uint8_t>(static_cast<double>(green) / count + 0.5);
        out[2] = static_cast<std::uint8_t>(static_cast<double>(blue) / count + 0.5);
    }
}

template <class Code>
void shrink_as(const Code* codes, PictureSize from, PictureSize to, std::uint8_t* out) {
    const std::vector<Index> rows = edges_of(from.height, to.height), columns = edges_of(from.width, to.width);
    const Index samples = 3 * from.width;
    const Index grain = std::max<Index>(1, (Index{1} << 18) / (samples * (from.height / to.height + 1)));
    parallel_for(static_cast<std::size_t>(to.height), static_cast<std::size_t>(grain),
                 [&](std::size_t begin, std::size_t end) {
                     std::vector<std::uint32_t> sums(static_cast<std::size_t>(samples));
                     for (std::size_t y = begin; y < end; ++y) {
                         std::fill(sums.begin(), sums.end(), 0U);
                         for (Index row = rows[y]; row < rows[y + 1]; ++row) {
                             add(codes + row * samples, samples, sums.data());
                         }
                         divide(sums.data(), columns, rows[y + 1] - rows[y], out + 3 * static_cast<Index>(y) * to.width);
                     }
                 });
}

}  // namespace

void shrink(const std::uint8_t* codes, PictureSize from, PictureSize to, std::uint8_t* out) {
    shrink_as(codes, from, to, out);
}

void shrink(const std::uint16_t* codes, PictureSize from, PictureSize to, std::uint8_t* out) {
    shrink_as(codes, from, to, out);
}

}  // namespace nearfar::effects
