#include "estimate/filters/passes.hpp"

namespace nearfar::filters::NEARFAR_LEVEL {
namespace {

// Rows and columns of a block change places, in squares of four where the compiler can shuffle: rows of the image lie
// far apart, and reading them one value at a time costs more than the smoothing.

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define NEARFAR_SHUFFLES
#endif
#endif

#ifdef NEARFAR_SHUFFLES
typedef float Four __attribute__((vector_size(16)));
constexpr std::size_t side = 4;

inline void turn_square(const float* __restrict from, std::size_t from_stride, float* __restrict to,
                        std::size_t to_stride) noexcept {
    Four row[side];
    for (std::size_t i = 0; i < side; ++i) __builtin_memcpy(&row[i], from + i * from_stride, sizeof(Four));
    const Four low01 = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
    const Four high01 = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
    const Four low23 = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
    const Four high23 = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
    const Four column[side] = {__builtin_shufflevector(low01, low23, 0, 1, 4, 5),
                               __builtin_shufflevector(low01, low23, 2, 3, 6, 7),
                               __builtin_shufflevector(high01, high23, 0, 1, 4, 5),
                               __builtin_shufflevector(high01, high23, 2, 3, 6, 7)};
    for (std::size_t i = 0; i < side; ++i) __builtin_memcpy(to + i * to_stride, &column[i], sizeof(Four));
}
#else
constexpr std::size_t side = 1;
inline void turn_square(const float* from, std::size_t, float* to, std::size_t) noexcept { *to = *from; }
#endif

// 16-bit values go in squares as well, without shuffles: the compiler sees to it.
constexpr std::size_t side16 = 8;
inline void turn_square(const std::uint16_t* __restrict from, std::size_t from_stride, std::uint16_t* __restrict to,
                        std::size_t to_stride) noexcept {
    for (std::size_t x = 0; x < side16; ++x) {
        for (std::size_t y = 0; y < side16; ++y) to[x * to_stride + y] = from[y * from_stride + x];
    }
}
template <class T>
constexpr std::size_t side_of = side16;
template <>
constexpr std::size_t side_of<float> = side;

// Calls turn(lane, x) for all whole squares, row by row of the image within pieces as wide as a cache line or a few.
template <std::size_t step, class Turn>
inline void each_square(std::size_t rows, std::size_t width, const Turn& turn) noexcept {
    constexpr std::size_t piece = 32;
    for (std::size_t begin = 0; begin < width; begin += piece) {
        const std::size_t end = begin + piece < width ? begin + piece : width;
        for (std::size_t lane = 0; lane + step <= rows; lane += step) {
            for (std::size_t x = begin; x + step <= end; x += step) turn(lane, x);
        }
    }
}

// `rows` × `width` values of an image to `width` × lanes and back. Lanes beyond the rows hold 0.
template <class T>
void gather(const T* __restrict image, std::size_t rows, std::size_t width, T* __restrict block) noexcept {
    constexpr std::size_t step = side_of<T>;
    each_square<step>(rows, width, [=](std::size_t lane, std::size_t x) {
        turn_square(image + lane * width + x, width, block + x * lanes + lane, lanes);
    });
    for (std::size_t x = 0; x < width; ++x) {
        const std::size_t first = x < width / step * step ? rows / step * step : 0;
        for (std::size_t lane = first; lane < rows; ++lane) block[x * lanes + lane] = image[lane * width + x];
        for (std::size_t lane = rows; lane < lanes; ++lane) block[x * lanes + lane] = 0;
    }
}

template <class T>
void scatter(const T* __restrict block, std::size_t rows, std::size_t width, T* __restrict image) noexcept {
    constexpr std::size_t step = side_of<T>;
    each_square<step>(rows, width, [=](std::size_t lane, std::size_t x) {
        turn_square(block + x * lanes + lane, lanes, image + lane * width + x, width);
    });
    for (std::size_t x = 0; x < width; ++x) {
        const std::size_t first = x < width / step * step ? rows / step * step : 0;
        for (std::size_t lane = first; lane < rows; ++lane) image[lane * width + x] = block[x * lanes + lane];
    }
}

// One step of the recursive average for a line of neighbours. `state` are the results before; `came` the values before
// as they came, NaN for those that are none: a difference with NaN is never small.
template <std::size_t fixed>
inline void smooth_line(float* __restrict line, const float* __restrict state, std::size_t count, Average average,
                        float* __restrict came) noexcept {
    const float rest = 1.0F - average.alpha;
    const std::size_t end = fixed != 0 ? fixed : count;
    for (std::size_t i = 0; i < end; ++i) {
        const float now = line[i];
        const float value = now > 0.0F ? now : __builtin_nanf("");
        const bool near = __builtin_fabsf(came[i] - value) < average.delta;
        const float smoothed = now * average.alpha + state[i] * rest;
        line[i] = near ? smoothed : now;
        came[i] = value;
    }
}

template <std::size_t fixed>
void smooth_lines(float* image, std::size_t height, std::size_t stride, std::size_t count, Average average,
                  float* __restrict came) noexcept {
    const auto start = [&](const float* line) {
        for (std::size_t i = 0; i < count; ++i) came[i] = line[i] > 0.0F ? line[i] : __builtin_nanf("");
    };
    float* line = image;
    start(line);
    for (std::size_t y = 1; y < height; ++y, line += stride) {
        smooth_line<fixed>(line + stride, line, count, average, came);
    }
    start(line);
    for (std::size_t y = 1; y < height; ++y, line -= stride) {
        smooth_line<fixed>(line - stride, line, count, average, came);
    }
}

void smooth(float* image, std::size_t height, std::size_t stride, std::size_t count, Average average,
            float* came) noexcept {
    if (count == strip) {
        smooth_lines<strip>(image, height, stride, count, average, came);
    } else if (count == lanes) {
        smooth_lines<lanes>(image, height, stride, count, average, came);
    } else {
        smooth_lines<0>(image, height, stride, count, average, came);
    }
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
            result = (gap & (run[lane] < radius)) ? before : result;
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
        const bool trusted = known & believed<least>(static_cast<std::uint8_t>(seen & frames));
        const T stale = trusted ? last : now;
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

void mark(const float* __restrict values, std::size_t count, bool zero, std::uint8_t* __restrict marks) noexcept {
    for (std::size_t i = 0; i < count; ++i) marks[i] = is_hole(values[i], zero);
}

void mark16(const std::uint16_t* __restrict values, std::size_t count, std::uint8_t* __restrict marks) noexcept {
    for (std::size_t i = 0; i < count; ++i) marks[i] = values[i] == 0;
}

// Comparisons with NaN are false, so a frame without a value agrees with nothing.
void between(const float* __restrict befores, const float* __restrict nows, const float* __restrict afters,
             std::size_t count, float delta, float* __restrict out) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        const float before = befores[i];
        const float now = nows[i];
        const float after = afters[i];
        const bool with_before = __builtin_fabsf(before - now) < delta;
        const bool with_after = __builtin_fabsf(after - now) < delta;
        const float sum = 2.0F * now + ((with_before ? before : 0.0F) + (with_after ? after : 0.0F));
        const float weight = 2.0F + ((with_before ? 1.0F : 0.0F) + (with_after ? 1.0F : 0.0F));
        const float mean = sum / weight;
        const bool agree = __builtin_fabsf(before - after) < delta;
        const float middle = 0.5F * (before + after);
        const float only = after == after ? (before == before ? now : after) : before;
        const float known = (with_before | with_after) ? mean : now;
        out[i] = now == now ? known : agree ? middle : only;
    }
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
    smooth_columns16, blend,          blend16,               mark,                   mark16,   between,
    to_disparity,     to_depth,
};

}  // namespace nearfar::filters::NEARFAR_LEVEL
