#include "estimate/filters/blocks.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <vector>

#include "core/interrupt.hpp"
#include "core/pool.hpp"
#include "estimate/filters/passes.hpp"

namespace nearfar::filters {
namespace {

struct Depths {  // 16-bit
    using Value = std::uint16_t;
    using Sum = std::uint32_t;
    static constexpr bool zero = true;
    static constexpr Value largest = std::numeric_limits<Value>::max();
    static constexpr Value smallest = 0;
    static bool is_hole(Value value) noexcept { return value == 0; }
};

template <bool zeros>
struct Floats {
    using Value = float;
    using Sum = double;
    static constexpr bool zero = zeros;
    static constexpr Value largest = std::numeric_limits<Value>::infinity();
    static constexpr Value smallest = -std::numeric_limits<Value>::infinity();
    static bool is_hole(Value value) noexcept { return value != value || (zero && value == 0.0F); }
};

void mark(const Passes& level, const float* row, std::size_t width, bool zero, std::uint8_t* marks) {
    level.mark(row, width, zero, marks);
}
void mark(const Passes& level, const std::uint16_t* row, std::size_t width, bool, std::uint8_t* marks) {
    level.mark16(row, width, marks);
}

// Calls body(x) for each hole of a row from the second pixel on. Most pixels are none: they are passed in eights.
template <class Kind>
class Holes {
public:
    explicit Holes(std::size_t width) : level_(passes()), marks_(width + 8, 0) {}

    template <class Body>
    void each(const typename Kind::Value* row, std::size_t width, const Body& body) {
        mark(level_, row, width, Kind::zero, marks_.data());
        marks_[0] = 0;
        for (std::size_t begin = 0; begin < width; begin += 8) {
            std::uint64_t any = 0;
            std::memcpy(&any, marks_.data() + begin, 8);
            static_assert(std::endian::native == std::endian::little, "the first pixel is in the lowest byte");
            for (; any != 0; any &= any - 1) body(begin + static_cast<std::size_t>(std::countr_zero(any)) / 8);
        }
    }

private:
    const Passes& level_;
    std::vector<std::uint8_t> marks_;  // 0 beyond the row
};

template <class Kind>
void fill_left(typename Kind::Value* image, std::size_t height, std::size_t width) {
    parallel_for(height, std::max<std::size_t>(1, (std::size_t{1} << 16) / width),
                 [&](std::size_t begin, std::size_t end) {
                     Holes<Kind> holes(width);
                     for (std::size_t y = begin; y < end; ++y) {
                         typename Kind::Value* row = image + y * width;
                         holes.each(row, width, [&](std::size_t x) { row[x] = row[x - 1]; });
                     }
                 });
}

template <class Kind, bool largest>
void fill_around(typename Kind::Value* image, std::size_t height, std::size_t width) {
    using Value = typename Kind::Value;
    Holes<Kind> holes(width);
    for (std::size_t y = 1; y + 1 < height; ++y) {
        Value* row = image + y * width;
        const Value* above = row - width;
        const Value* below = row + width;
        holes.each(row, width, [&](std::size_t x) {
            constexpr Value worst = largest ? Kind::smallest : Kind::largest;
            if (!largest && Kind::zero && Kind::is_hole(above[x])) {  // only what is below that 0 fills
                Value lowest = above[x];
                for (const Value value : {above[x - 1], row[x - 1], below[x - 1], below[x]}) {
                    lowest = value < lowest ? value : lowest;
                }
                if (lowest < above[x]) row[x] = lowest;
                return;
            }
            Value best = worst;
            bool any = false;
            for (const Value value : {above[x], above[x - 1], row[x - 1], below[x - 1], below[x]}) {
                const bool missing = Kind::is_hole(value);
                const Value rank = missing ? worst : value;
                any |= !missing;
                best = largest ? std::max(best, rank) : std::min(best, rank);
            }
            row[x] = any ? best : row[x];
        });
        poll_interrupt();
    }
}

template <class Kind>
void fill_any(typename Kind::Value* image, std::size_t height, std::size_t width, Fill how) {
    switch (how) {
        case Fill::left: return fill_left<Kind>(image, height, width);
        case Fill::largest: return fill_around<Kind, true>(image, height, width);
        case Fill::smallest: return fill_around<Kind, false>(image, height, width);
    }
}

// The values of a block in ascending order, holes behind them: there are `count` of them.
template <class Kind, std::size_t scale>
typename Kind::Value median(const typename Kind::Value* block, std::size_t stride, typename Kind::Value hole) {
    std::array<typename Kind::Value, scale * scale> values;
    std::size_t count = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const typename Kind::Value value = block[i / scale * stride + i % scale];
        const bool missing = Kind::is_hole(value);
        values[i] = missing ? Kind::largest : value;
        count += missing ? 0 : 1;
    }
    for (std::size_t i = 0; i + 1 < values.size(); ++i) {
        for (std::size_t j = i + 1; j < values.size(); ++j) {
            const auto low = std::min(values[i], values[j]);
            values[j] = std::max(values[i], values[j]);
            values[i] = low;
        }
    }
    return count == 0 ? hole : values[(count - 1) / 2];
}

template <class Kind>
typename Kind::Value mean(const typename Kind::Value* block, std::size_t stride, std::size_t scale,
                          typename Kind::Value hole) {
    typename Kind::Sum sum = 0;
    std::uint32_t count = 0;
    for (std::size_t y = 0; y < scale; ++y, block += stride) {
        for (std::size_t x = 0; x < scale; ++x) {
            const bool missing = Kind::is_hole(block[x]);
            sum += missing ? 0 : static_cast<typename Kind::Sum>(block[x]);
            count += missing ? 0 : 1;
        }
    }
    return count == 0 ? hole : static_cast<typename Kind::Value>(sum / count);
}

template <class Kind>
void decimate_row(const typename Kind::Value* source, std::size_t stride, std::size_t scale, typename Kind::Value hole,
                  std::size_t count, typename Kind::Value* row) {
    for (std::size_t x = 0; x < count; ++x, source += scale) {
        switch (scale) {
            case 1: row[x] = median<Kind, 1>(source, stride, hole); break;
            case 2: row[x] = median<Kind, 2>(source, stride, hole); break;
            case 3: row[x] = median<Kind, 3>(source, stride, hole); break;
            default: row[x] = mean<Kind>(source, stride, scale, hole); break;
        }
    }
}

template <class Kind>
void decimate_any(const typename Kind::Value* image, const Blocks& blocks, typename Kind::Value hole,
                  typename Kind::Value* out, std::size_t out_height, std::size_t out_width) {
    const std::size_t height = blocks.height / blocks.scale;
    const std::size_t width = blocks.width / blocks.scale;
    const std::size_t grain = std::max<std::size_t>(1, (std::size_t{1} << 14) / (blocks.width * blocks.scale));
    parallel_for(out_height, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            typename Kind::Value* row = out + y * out_width;
            const std::size_t filled = y < height ? width : 0;
            const typename Kind::Value* source = image + y * blocks.scale * blocks.width;
            decimate_row<Kind>(source, blocks.width, blocks.scale, hole, filled, row);
            std::fill(row + filled, row + out_width, hole);
        }
    });
}

}  // namespace

void fill_map(float* image, std::size_t height, std::size_t width, Fill how, bool zero) {
    if (zero) {
        fill_any<Floats<true>>(image, height, width, how);
    } else {
        fill_any<Floats<false>>(image, height, width, how);
    }
}

void fill_map(std::uint16_t* image, std::size_t height, std::size_t width, Fill how) {
    fill_any<Depths>(image, height, width, how);
}

void decimate_map(const float* image, const Blocks& blocks, bool zero, float hole, float* out, std::size_t out_height,
                  std::size_t out_width) {
    if (zero) {
        decimate_any<Floats<true>>(image, blocks, hole, out, out_height, out_width);
    } else {
        decimate_any<Floats<false>>(image, blocks, hole, out, out_height, out_width);
    }
}

void decimate_map(const std::uint16_t* image, const Blocks& blocks, std::uint16_t* out, std::size_t out_height,
                  std::size_t out_width) {
    decimate_any<Depths>(image, blocks, 0, out, out_height, out_width);
}

}  // namespace nearfar::filters
