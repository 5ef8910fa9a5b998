#include "effects/spread_rows.hpp"

namespace nearfar::effects::NEARFAR_LEVEL {
namespace {

#if defined(__AVX512F__)
constexpr int bytes = 64;
#elif defined(__AVX__)
constexpr int bytes = 32;
#else
constexpr int bytes = 16;
#endif
typedef float Vector __attribute__((vector_size(bytes)));
typedef float Anywhere __attribute__((vector_size(bytes), aligned(4), may_alias));
constexpr Index lanes = bytes / 4;

inline Vector load(const float* from) noexcept { return *reinterpret_cast<const Anywhere*>(from); }
inline void store(float* to, Vector value) noexcept { *reinterpret_cast<Anywhere*>(to) = value; }

// sums[y] = the rows of `from` before y, from the first that any column reaches.
void add_up(const float* __restrict from, const TileShape& shape, Index reach, float* __restrict sums) noexcept {
    const Index first = (shape.halo - reach) / lanes * lanes, end = shape.halo + shape.side + reach;
    const Index top = shape.halo - reach - 1, bottom = shape.halo + shape.side + reach + 1;
    for (Index x = first; x < end; x += lanes) {
        Vector sum = {};
        for (Index y = top; y < bottom; ++y) {
            store(sums + y * shape.stride + x, sum);
            sum += load(from + y * shape.stride + x);
        }
        store(sums + bottom * shape.stride + x, sum);
    }
}

// `count` vectors side by side, at column x0 of the tile.
template <std::size_t count>
void spread_strip(const Column* __restrict columns, Index reach, float scale, const float* __restrict from,
                  const float* __restrict sums, const TileShape& shape, Index x0, float* __restrict out) noexcept {
    const Index stride = shape.stride;
    for (Index y = 0; y < shape.side; ++y) {
        Vector total[count] = {};
        for (Index i = 0; i <= 2 * reach; ++i) {
            const Column column = columns[i];
            const Index at = (y + shape.halo) * stride + shape.halo + x0 + i - reach;
            const float* const upper = sums + at + column.first * stride;
            const float* const lower = sums + at + (column.last + 1) * stride;
            const float* const before = from + at + (column.first - 1) * stride;
            const float* const after = from + at + (column.last + 1) * stride;
            for (Index v = 0; v < static_cast<Index>(count); ++v) {
                total[v] += (load(lower + v * lanes) - load(upper + v * lanes)) +
                            (load(before + v * lanes) * column.before + load(after + v * lanes) * column.after);
            }
        }
        for (Index v = 0; v < static_cast<Index>(count); ++v) store(out + y * shape.side + x0 + v * lanes, total[v] * scale);
    }
}

template <std::size_t count>
void tap_strip(const Tap* __restrict taps, Index taps_count, const float* __restrict from, const TileShape& shape,
               Index x0, float* __restrict out) noexcept {
    for (Index y = 0; y < shape.side; ++y) {
        Vector total[count] = {};
        for (Index i = 0; i < taps_count; ++i) {
            const float* const at =
                from + (y + shape.halo + taps[i].down) * shape.stride + shape.halo + x0 + taps[i].across;
            for (Index v = 0; v < static_cast<Index>(count); ++v) total[v] += load(at + v * lanes) * taps[i].weight;
        }
        for (Index v = 0; v < static_cast<Index>(count); ++v) store(out + y * shape.side + x0 + v * lanes, total[v]);
    }
}

void columns(const Column* columns, Index reach, float scale, const float* from, const TileShape& shape, float* sums,
             float* out) noexcept {
    add_up(from, shape, reach, sums);
    Index x = 0;
    for (; x + 4 * lanes <= shape.side; x += 4 * lanes) {
        spread_strip<4>(columns, reach, scale, from, sums, shape, x, out);
    }
    for (; x + 2 * lanes <= shape.side; x += 2 * lanes) {
        spread_strip<2>(columns, reach, scale, from, sums, shape, x, out);
    }
    for (; x < shape.side; x += lanes) spread_strip<1>(columns, reach, scale, from, sums, shape, x, out);
}

void taps(const Tap* taps, Index count, const float* from, const TileShape& shape, float* out) noexcept {
    Index x = 0;
    for (; x + 4 * lanes <= shape.side; x += 4 * lanes) tap_strip<4>(taps, count, from, shape, x, out);
    for (; x < shape.side; x += lanes) tap_strip<1>(taps, count, from, shape, x, out);
}

}  // namespace

extern const SpreadRows spread_rows;
const SpreadRows spread_rows{columns, taps};

}  // namespace nearfar::effects::NEARFAR_LEVEL
