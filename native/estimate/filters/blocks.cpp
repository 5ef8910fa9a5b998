#include "estimate/filters/blocks.hpp"

#include <algorithm>
#include <array>

#include "core/interrupt.hpp"
#include "core/pool.hpp"

namespace nearfar::filters {
namespace {

struct Depths {  // 16-bit
    using Value = std::uint16_t;
    using Sum = std::uint32_t;
    static bool is_hole(Value value) noexcept { return value == 0; }
    static constexpr bool from_above = true;
};

template <bool zero>
struct Floats {
    using Value = float;
    using Sum = double;
    static bool is_hole(Value value) noexcept { return value != value || (zero && value == 0.0F); }
    static constexpr bool from_above = zero;
};

// Calls body(x) for each hole of a row from `first` on. Most pixels are none: they are passed in eights.
template <class Kind, class Body>
void each_hole(const typename Kind::Value* row, std::size_t first, std::size_t width, const Body& body) {
    std::size_t x = first;
    const auto step = [&](std::size_t end) {
        for (; x < end; ++x) {
            if (Kind::is_hole(row[x])) body(x);
        }
    };
    while (x + 8 <= width) {
        bool any = false;
        for (std::size_t i = 0; i < 8; ++i) any |= Kind::is_hole(row[x + i]);
        if (any) {
            step(x + 8);
        } else {
            x += 8;
        }
    }
    step(width);
}

template <class Kind>
void fill_left(typename Kind::Value* image, std::size_t height, std::size_t width) {
    parallel_for(height, std::max<std::size_t>(1, (std::size_t{1} << 16) / width),
                 [&](std::size_t begin, std::size_t end) {
                     for (std::size_t y = begin; y < end; ++y) {
                         typename Kind::Value* row = image + y * width;
                         each_hole<Kind>(row, 1, width, [&](std::size_t x) { row[x] = row[x - 1]; });
                     }
                 });
}

template <class Kind, bool largest>
void fill_around(typename Kind::Value* image, std::size_t height, std::size_t width) {
    using Value = typename Kind::Value;
    for (std::size_t y = 1; y + 1 < height; ++y) {
        Value* row = image + y * width;
        const Value* above = row - width;
        const Value* below = row + width;
        each_hole<Kind>(row, 1, width, [&](std::size_t x) {
            Value found = above[x];
            for (const Value value : {above[x - 1], row[x - 1], below[x - 1], below[x]}) {
                if (Kind::is_hole(value)) continue;
                const bool takes_any = largest || !Kind::from_above;
                if ((takes_any && Kind::is_hole(found)) || (largest ? value > found : value < found)) found = value;
            }
            row[x] = found;
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

template <class Kind>
typename Kind::Value middle(const typename Kind::Value* block, std::size_t stride, std::size_t scale,
                            typename Kind::Value hole) {
    using Value = typename Kind::Value;
    std::array<Value, 9> values;
    typename Kind::Sum sum = 0;
    std::size_t count = 0;
    for (std::size_t y = 0; y < scale; ++y, block += stride) {
        for (std::size_t x = 0; x < scale; ++x) {
            if (Kind::is_hole(block[x])) continue;
            if (scale <= 3) {
                values[count] = block[x];
            } else {
                sum += static_cast<typename Kind::Sum>(block[x]);
            }
            ++count;
        }
    }
    if (count == 0) return hole;
    if (scale > 3) return static_cast<Value>(sum / static_cast<typename Kind::Sum>(count));
    const auto end = values.begin() + static_cast<std::ptrdiff_t>(count);
    const auto half = values.begin() + static_cast<std::ptrdiff_t>((count - 1) / 2);
    std::nth_element(values.begin(), half, end);
    return *half;
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
            for (std::size_t x = 0; x < filled; ++x) {
                row[x] = middle<Kind>(source + x * blocks.scale, blocks.width, blocks.scale, hole);
            }
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
