#include "estimate/pattern/search.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "core/pool.hpp"
#include "estimate/pattern/rows.hpp"

namespace nearfar::pattern {
namespace {

constexpr std::size_t half_block = 4;  // columns on either side of a block's middle

using Bytes = Plane<std::uint8_t>;

// The differences of four rows for every shift; columns beyond the picture differ by nothing.
class Group {
public:
    Group(std::size_t shifts, std::size_t width) : stride_(width + 2 * half_block), sums_(shifts * stride_) {}

    void measure(const Bytes& image, const Bytes& reference, std::size_t shifts, std::size_t width, std::size_t row) {
        const Rows& level = rows();
        for (std::size_t shift = 0; shift < shifts; ++shift) {
            std::array<const std::uint8_t*, block_step> shown{};
            std::array<const std::uint8_t*, block_step> known{};
            for (std::size_t y = 0; y < block_step; ++y) {
                shown[y] = image.at(0, row + y);
                known[y] = reference.at(shifts - 1 - shift, row + y);
            }
            level.differ(shown.data(), known.data(), width, sums_.data() + shift * stride_ + half_block);
        }
    }

    const std::uint16_t* at(std::size_t shift) const noexcept { return sums_.data() + shift * stride_; }

private:
    std::size_t stride_;
    std::vector<std::uint16_t> sums_;
};

}  // namespace

void search(const std::int16_t* picture, const Known& known, std::uint16_t* out) {
    const Range& range = known.range;
    const std::size_t shifts = range.span() + 1;
    const std::size_t width = range.width;
    const std::size_t groups = (range.height + block_step - 1) / block_step;
    const Bytes image = lay_image<std::uint8_t>(picture, range, block_step, nothing, in_8_bits);
    const Bytes& reference = known.bytes;
    const Rows& level = rows();
    parallel_for(block_rows(range.height), 8, [&](std::size_t begin, std::size_t end) {
        Group above(shifts, width);
        Group below(shifts, width);
        std::vector<std::uint16_t> sums(3 * (width + 2 * half_block));
        std::vector<std::uint16_t> best(width);
        above.measure(image, reference, shifts, width, begin * block_step);
        for (std::size_t row = begin; row < end; ++row) {
            if (row + 1 < groups) below.measure(image, reference, shifts, width, (row + 1) * block_step);
            std::fill(best.begin(), best.end(), std::uint16_t{65535});
            for (std::size_t shift = 0; shift < shifts; ++shift) {
                level.choose(above.at(shift), below.at(shift), width, static_cast<std::uint16_t>(shift), sums.data(),
                             best.data(), out + row * width);
            }
            std::swap(above, below);
        }
    });
}

}  // namespace nearfar::pattern
