#include "effects/tile_rows.hpp"

namespace nearfar::effects::NEARFAR_LEVEL {
namespace {

#if defined(__AVX512F__)
constexpr int bytes = 64;
#elif defined(__AVX__)
constexpr int bytes = 32;
#else
constexpr int bytes = 16;
#endif
constexpr Index lanes = 16;
constexpr Index tile = 64;

inline float lesser(float a, float b) noexcept { return a < b ? a : b; }
inline float greater(float a, float b) noexcept { return a > b ? a : b; }

typedef float Vector __attribute__((vector_size(bytes)));
typedef float Anywhere __attribute__((vector_size(bytes), aligned(4), may_alias));

bool extremes(const float* __restrict values, Index rows, Index width, Index stride, float* least,
              float* most) noexcept {
    constexpr Index length = bytes / 4;
    Vector low = Vector{} + values[0], high = low;
    auto holes = low != low;
    bool whole = true;
    for (Index y = 0; y < rows; ++y) {
        const float* const row = values + y * stride;
        Index x = 0;
        for (; x + length <= width; x += length) {
            const Vector value = *reinterpret_cast<const Anywhere*>(row + x);
            low = value < low ? value : low;
            high = value > high ? value : high;
            holes |= value != value;
        }
        for (; x < width; ++x) {
            low[0] = lesser(row[x], low[0]);
            high[0] = greater(row[x], high[0]);
            whole &= row[x] == row[x];
        }
    }
    for (Index i = 0; i < length; ++i) {
        low[0] = lesser(low[i], low[0]);
        high[0] = greater(high[i], high[0]);
        whole &= holes[i] == 0;
    }
    *least = low[0];
    *most = high[0];
    return whole;
}

void sort(const float* __restrict disparity, Index count, Focus focus, const std::uint8_t* __restrict table,
          std::uint8_t* __restrict ids) noexcept {
    std::int32_t bins[tile];
    for (Index i = 0; i < count; ++i) bins[i] = bin_of(circle_of(focus, disparity[i]));
    for (Index i = 0; i < count; ++i) ids[i] = table[bins[i]];
}

void circles(const float* __restrict disparity, Index count, Focus focus, float* __restrict out) noexcept {
    for (Index i = 0; i < count; ++i) out[i] = circle_of(focus, disparity[i]);
}

bool bends(const float* __restrict circles, Index stride, Index count, float least, float* __restrict out) noexcept {
    const float *const above = circles - stride, *const below = circles + stride;
    std::int32_t found = 0;
    for (Index x = 0; x < count; ++x) {
        const float twice = 2.0F * circles[x];
        const float across = __builtin_fabsf(circles[x - 1] + circles[x + 1] - twice);
        const float down = __builtin_fabsf(above[x] + below[x] - twice);
        const float falling = __builtin_fabsf(above[x - 1] + below[x + 1] - twice);
        const float rising = __builtin_fabsf(below[x - 1] + above[x + 1] - twice);
        out[x] = greater(greater(across, down), greater(falling, rising));
    }
    for (Index x = 0; x < count; ++x) found |= out[x] >= least ? 1 : 0;
    return found != 0;
}

void mask_equal(const std::int32_t* __restrict ids, std::int32_t id, Index count, float* __restrict mask) noexcept {
    for (Index i = 0; i < count; ++i) mask[i] = ids[i] == id ? 1.0F : 0.0F;
}

void mask_between(const std::int32_t* __restrict ids, std::int32_t id, std::int32_t end, Index count,
                  float* __restrict mask) noexcept {
    for (Index i = 0; i < count; ++i) mask[i] = (ids[i] > id) & (ids[i] < end) ? 1.0F : 0.0F;
}

void select(const float* __restrict light, const float* __restrict mask, Index plane, Index count,
            float* __restrict out, float* __restrict known) noexcept {
    for (Index i = 0; i < count; ++i) {
        const float m = mask[i];
        out[i] = light[i] * m;
        out[plane + i] = light[plane + i] * m;
        out[2 * plane + i] = light[2 * plane + i] * m;
        out[3 * plane + i] = m;
        known[i] += m;
    }
}

// Pairs of neighbours are added until `scale` of them are one.
void add_neighbours(float* __restrict row, float* __restrict other, Index scale, float* __restrict out) noexcept {
    Index length = tile;
    for (Index left = scale; left > 1; left /= 2) {
        length /= 2;
        for (Index i = 0; i < length; ++i) other[i] = row[2 * i] + row[2 * i + 1];
        float* const swapped = row;
        row = other;
        other = swapped;
    }
    const float share = 1.0F / static_cast<float>(scale * scale);
    for (Index i = 0; i < length; ++i) out[i] = row[i] * share;
}

void shrink(const float* __restrict values, const float* __restrict mask, Index scale, float* __restrict out,
            Index stride) noexcept {
    float sums[tile], halves[tile];
    for (Index y = 0; y < tile / scale; ++y) {
        for (Index x = 0; x < tile; ++x) sums[x] = 0.0F;
        for (Index j = 0; j < scale; ++j) {
            const Index row = (y * scale + j) * tile;
            if (mask != nullptr) {
                for (Index x = 0; x < tile; ++x) sums[x] += values[row + x] * mask[row + x];
            } else {
                for (Index x = 0; x < tile; ++x) sums[x] += values[row + x];
            }
        }
        add_neighbours(sums, halves, scale, out + y * stride);
    }
}

void enlarge(const float* __restrict window, Index stride, Index side, float* __restrict out) noexcept {
    for (Index y = 0; y < side; ++y) {
        const float* const above = window + (y + 1) / 2 * stride;
        const float* const below = above + stride;
        const float weight = y % 2 != 0 ? 0.25F : 0.75F;
        float* const row = out + y * side;
        for (Index x = 0; x < side / 2; ++x) {  // rather mixed three times than waited for in memory
            const float left = above[x] + (below[x] - above[x]) * weight;
            const float middle = above[x + 1] + (below[x + 1] - above[x + 1]) * weight;
            const float right = above[x + 2] + (below[x + 2] - above[x + 2]) * weight;
            row[2 * x] = 0.25F * left + 0.75F * middle;
            row[2 * x + 1] = 0.75F * middle + 0.25F * right;
        }
    }
}

float least(const float* values, Index rows, Index width, Index stride) noexcept {
    float low = 0.0F, high = 0.0F;
    extremes(values, rows, width, stride, &low, &high);
    return low;
}

void lay_over(const float* __restrict layer, const float* __restrict known, float trust, Index plane,
              float* __restrict below) noexcept {
    for (Index i = 0; i < plane; ++i) {
        const float gain = known != nullptr ? 1.0F / greater(known[i], trust) : 1.0F;
        float coverage = layer[3 * plane + i] * gain;
        const float scale = coverage > 1.0F ? gain / coverage : gain;
        coverage = lesser(coverage, 1.0F);
        const float through = 1.0F - coverage;
        for (Index p = 0; p < 3; ++p) below[p * plane + i] = below[p * plane + i] * through + layer[p * plane + i] * scale;
        below[3 * plane + i] = below[3 * plane + i] * through + coverage;
    }
}

void cover(const float* __restrict above, Index plane, float* __restrict below) noexcept {
    for (Index i = 0; i < plane; ++i) {
        const float through = 1.0F - above[3 * plane + i];
        for (Index p = 0; p < 4; ++p) below[p * plane + i] = below[p * plane + i] * through + above[p * plane + i];
    }
}

void fill_up(const float* __restrict light, Index plane, float* __restrict above) noexcept {
    for (Index i = 0; i < plane; ++i) {
        const float through = 1.0F - above[3 * plane + i];
        for (Index p = 0; p < 3; ++p) above[p * plane + i] += through * light[p * plane + i];
        above[3 * plane + i] = 1.0F;
    }
}

void settle(Index plane, float* __restrict planes) noexcept {
    for (Index i = 0; i < plane; ++i) {
        const float gain = 1.0F / greater(planes[3 * plane + i], 1e-4F);
        for (Index p = 0; p < 3; ++p) planes[p * plane + i] *= gain;
    }
}

void root_index(const float* __restrict values, Index count, float steps, std::int32_t* __restrict index) noexcept {
    for (Index i = 0; i < count; ++i) {
        const float value = lesser(greater(values[i], 0.0F), 1.0F);
        index[i] = static_cast<std::int32_t>(__builtin_sqrtf(value) * steps + 0.5F);
    }
}

}  // namespace

extern const TileRows tile_rows;
const TileRows tile_rows{extremes, sort, circles, bends, mask_equal, mask_between, select,
                         shrink,   enlarge, least, lay_over, cover, fill_up, settle, root_index};

}  // namespace nearfar::effects::NEARFAR_LEVEL
