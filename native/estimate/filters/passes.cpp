#include "estimate/filters/passes.hpp"

namespace nearfar::filters::NEARFAR_LEVEL {
namespace {

// Rows and columns of a block change places. Lanes beyond the last row repeat it, so that they hold harmless numbers.

template <class T>
void gather(const T* __restrict image, std::size_t rows, std::size_t width, T* __restrict block) noexcept {
    if (rows == lanes) {
        for (std::size_t x = 0; x < width; ++x) {
            for (std::size_t lane = 0; lane < lanes; ++lane) block[x * lanes + lane] = image[lane * width + x];
        }
        return;
    }
    for (std::size_t x = 0; x < width; ++x) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            block[x * lanes + lane] = image[(lane < rows ? lane : rows - 1) * width + x];
        }
    }
}

template <class T>
void scatter(const T* __restrict block, std::size_t rows, std::size_t width, T* __restrict image) noexcept {
    for (std::size_t lane = 0; lane < rows; ++lane) {
        for (std::size_t x = 0; x < width; ++x) image[lane * width + x] = block[x * lanes + lane];
    }
}

// One step of the recursive average. `before` and `now` are the values as they came, `state` the last result:
// it is followed as long as there are values and they do not jump.
inline float followed(float before, float now, float state, Average average) noexcept {
    const float step = before - now;
    const bool near = (before > 0.0F) & (now > 0.0F) & (step < average.delta) & (step > -average.delta);
    const float smoothed = now * average.alpha + state * (1.0F - average.alpha);
    return near ? smoothed : now;
}

void smooth_line(float* __restrict line, const float* __restrict state, std::size_t count, Average average,
                 float* __restrict came) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        const float now = line[i];
        line[i] = followed(came[i], now, state[i], average);
        came[i] = now;
    }
}

void smooth(float* image, std::size_t height, std::size_t stride, std::size_t count, Average average,
            float* came) noexcept {
    for (std::size_t i = 0; i < count; ++i) came[i] = image[i];
    float* line = image;
    for (std::size_t y = 1; y < height; ++y, line += stride) smooth_line(line + stride, line, count, average, came);
    for (std::size_t i = 0; i < count; ++i) came[i] = line[i];
    for (std::size_t y = 1; y < height; ++y, line -= stride) smooth_line(line - stride, line, count, average, came);
}

inline int distance(std::uint16_t a, std::uint16_t b) noexcept {
    const int step = static_cast<int>(a) - static_cast<int>(b);
    return step < 0 ? -step : step;
}

inline std::uint16_t rounded(std::uint16_t now, std::uint16_t state, float alpha) noexcept {
    const float smoothed = static_cast<float>(now) * alpha + static_cast<float>(state) * (1.0F - alpha);
    return static_cast<std::uint16_t>(static_cast<std::int32_t>(smoothed + 0.5F));
}

// One column of a block: `least` is the smallest value that counts, `closest` the smallest step that is smoothed.
template <bool fills>
void follow16(std::uint16_t* __restrict line, const std::uint16_t* __restrict state, Average average, int radius,
              int least, int closest, int* __restrict run) noexcept {
    const int delta = static_cast<int>(average.delta);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const std::uint16_t now = line[lane];
        const std::uint16_t before = state[lane];
        const int step = distance(now, before);
        const bool both = (before != 0) & (now >= least);
        const bool near = both & (step >= closest) & (step <= delta);
        std::uint16_t result = near ? rounded(now, before, average.alpha) : now;
        if constexpr (fills) {
            const bool gap = (before != 0) & (now < least);
            const int longer = run[lane] < radius ? run[lane] + 1 : radius;
            run[lane] = both ? 0 : gap ? longer : run[lane];
            result = gap & (run[lane] < radius) ? before : result;
        }
        line[lane] = result;
    }
}

template <bool fills>
void smooth_block16(std::uint16_t* block, std::size_t width, Average average, int radius) noexcept {
    int run[lanes] = {};
    for (std::size_t x = 1; x + 1 < width; ++x) {  // not the last pixel: so it is in librealsense
        follow16<fills>(block + x * lanes, block + (x - 1) * lanes, average, radius, 1, 1, run);
    }
    for (std::size_t lane = 0; lane < lanes; ++lane) run[lane] = 0;
    for (std::size_t x = width - 1; x-- > 0;) {
        follow16<fills>(block + x * lanes, block + (x + 1) * lanes, average, radius, 2, 0, run);
    }
}

void smooth_rows16(std::uint16_t* block, std::size_t width, Average average, int radius) noexcept {
    if (radius > 0) {
        smooth_block16<true>(block, width, average, radius);
    } else {
        smooth_block16<false>(block, width, average, radius);
    }
}

// Downwards holes take part as zeros, upwards they do not: so it is in librealsense.
template <bool holes>
void smooth_line16(std::uint16_t* __restrict line, const std::uint16_t* __restrict state, std::size_t count,
                   Average average) noexcept {
    const int delta = static_cast<int>(average.delta);
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint16_t now = line[i];
        const std::uint16_t before = state[i];
        const bool near = (distance(now, before) < delta) & (holes | ((now != 0) & (before != 0)));
        line[i] = near ? rounded(now, before, average.alpha) : now;
    }
}

void smooth_columns16(std::uint16_t* image, std::size_t height, std::size_t stride, std::size_t count,
                      Average average) noexcept {
    std::uint16_t* line = image;
    for (std::size_t y = 1; y < height; ++y, line += stride) smooth_line16<true>(line + stride, line, count, average);
    for (std::size_t y = 1; y < height; ++y, line -= stride) smooth_line16<false>(line - stride, line, count, average);
}

// Time

template <int least>
inline bool believed(std::uint8_t seen) noexcept {
    if constexpr (least == 0) return true;
    if constexpr (least == 1) return seen != 0;
    if constexpr (least == 2) return (seen & (seen - 1)) != 0;
    if constexpr (least == 8) return seen == 255;
    return false;
}

inline bool is_hole(float value, bool zero) noexcept { return (value != value) | (zero & (value == 0.0F)); }
inline bool is_hole(std::uint16_t value, bool) noexcept { return value == 0; }
inline bool is_near(float now, float last, float delta) noexcept { return __builtin_fabsf(now - last) < delta; }
inline bool is_near(std::uint16_t now, std::uint16_t last, float delta) noexcept {
    return distance(now, last) < static_cast<int>(delta);
}
inline float to_type(float value, float) noexcept { return value; }
inline std::uint16_t to_type(float value, std::uint16_t) noexcept {
    return static_cast<std::uint16_t>(static_cast<std::int32_t>(value));
}

template <int least, class T>
void blend_believing(const T* __restrict values, std::size_t count, Average average, std::uint8_t frames, bool zero,
                     T* __restrict lasts, std::uint8_t* __restrict history, T* __restrict out) noexcept {
    const float rest = 1.0F - average.alpha;
    for (std::size_t i = 0; i < count; ++i) {
        const T now = values[i];
        const T last = lasts[i];
        const std::uint8_t seen = history[i];
        const bool missing = is_hole(now, zero);
        const bool known = !is_hole(last, zero);
        const bool near = known & is_near(now, last, average.delta);
        const float mixed = average.alpha * static_cast<float>(now) + rest * static_cast<float>(last);
        const T fresh = near ? to_type(mixed, now) : now;
        const T stale = known & believed<least>(static_cast<std::uint8_t>(seen & frames)) ? last : now;
        out[i] = missing ? stale : fresh;
        lasts[i] = missing ? last : fresh;
        const int older = seen << 1;
        history[i] = static_cast<std::uint8_t>(missing ? older : near ? older | 1 : 1);
    }
}

template <class T>
void blend_any(const T* values, std::size_t count, Average average, Belief belief, bool zero, T* last,
               std::uint8_t* history, T* out) noexcept {
    switch (belief.least) {
        case 0: return blend_believing<0>(values, count, average, belief.frames, zero, last, history, out);
        case 1: return blend_believing<1>(values, count, average, belief.frames, zero, last, history, out);
        case 2: return blend_believing<2>(values, count, average, belief.frames, zero, last, history, out);
        case 8: return blend_believing<8>(values, count, average, belief.frames, zero, last, history, out);
        default: return blend_believing<9>(values, count, average, belief.frames, zero, last, history, out);
    }
}

void blend(const float* values, std::size_t count, Average average, Belief belief, bool zero, float* last,
           std::uint8_t* history, float* out) noexcept {
    blend_any(values, count, average, belief, zero, last, history, out);
}

void blend16(const std::uint16_t* values, std::size_t count, Average average, Belief belief, std::uint16_t* last,
             std::uint8_t* history, std::uint16_t* out) noexcept {
    blend_any(values, count, average, belief, true, last, history, out);
}

// Disparity

void to_disparity(const std::uint16_t* __restrict depth, std::size_t count, float factor,
                  float* __restrict out) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        const float quotient = factor / static_cast<float>(depth[i]);
        out[i] = depth[i] != 0 ? quotient : 0.0F;
    }
}

// What does not fit 16 bits keeps its low 16, as in librealsense; beyond 31 bits nothing is left.
void to_depth(const float* __restrict disparity, std::size_t count, float factor,
              std::uint16_t* __restrict out) noexcept {
    constexpr float smallest = 1.17549435e-38F;
    constexpr float limit = 2147483648.0F;
    for (std::size_t i = 0; i < count; ++i) {
        const float value = disparity[i];
        const float depth = factor / value + 0.5F;
        const bool fits = (value >= smallest) & (value < __builtin_inff()) & (depth < limit);
        out[i] = static_cast<std::uint16_t>(static_cast<std::int32_t>(fits ? depth : 0.0F));
    }
}

}  // namespace

extern const Passes passes;
const Passes passes{
    gather<float>,    scatter<float>, gather<std::uint16_t>, scatter<std::uint16_t>, smooth,   smooth_rows16,
    smooth_columns16, blend,          blend16,               to_disparity,           to_depth,
};

}  // namespace nearfar::filters::NEARFAR_LEVEL
