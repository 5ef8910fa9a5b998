#include "estimate/filters/windows.hpp"

namespace nearfar::filters::NEARFAR_LEVEL {
namespace {

constexpr float infinity = __builtin_inff();

// Joint bilateral

[[gnu::noinline]] void add_neighbours(const GuidedRow& row, std::size_t x, const float* __restrict own, float place, float scale,
                           float* __restrict value_sums, float* __restrict weight_sums) noexcept {
    const float* __restrict red = row.channels[0] + x;
    const float* __restrict green = row.channels[1] + x;
    const float* __restrict blue = row.channels[2] + x;
    const float* __restrict values = row.values + x;
    for (std::size_t i = 0; i < tile; ++i) {
        const float dr = red[i] - own[i];
        const float dg = green[i] - own[tile + i];
        const float db = blue[i] - own[2 * tile + i];
        float weight = 1.0F - (dr * dr + dg * dg + db * db) * scale;
        weight = weight > 0.5F ? weight : 0.0F;  // what would be less than 1e-19 is nothing
        weight *= weight;
        weight *= weight;
        weight *= weight;
        weight *= weight;
        weight *= weight;
        weight *= weight;
        const bool known = __builtin_fabsf(values[i]) < infinity;
        const float counted = known ? weight * place : 0.0F;
        value_sums[i] += counted * (known ? values[i] : 0.0F);
        weight_sums[i] += counted;
    }
}

void bilateral(const GuidedRow* rows, std::size_t x, const Kernel& kernel, float* out) noexcept {
    float value_sums[tile] = {};
    float weight_sums[tile] = {};
    float own[3 * tile];
    const std::size_t side = 2 * kernel.radius + 1;
    for (std::size_t channel = 0; channel < 3; ++channel) {
        const float* middle = rows[kernel.radius].channels[channel] + x + kernel.radius;
        for (std::size_t i = 0; i < tile; ++i) own[channel * tile + i] = middle[i];
    }
    for (std::size_t dy = 0; dy < side; ++dy) {
        for (std::size_t dx = 0; dx < side; ++dx) {
            add_neighbours(rows[dy], x + dx, own, kernel.weights[dy * side + dx], kernel.color_scale, value_sums,
                           weight_sums);
        }
    }
    for (std::size_t i = 0; i < tile; ++i) {
        const float mean = value_sums[i] / weight_sums[i];
        out[i] = weight_sums[i] > 0.0F ? mean : __builtin_nanf("");
    }
}

// Median

using Line = float[tile];

#if defined(__AVX512F__)
constexpr std::size_t bytes = 64;
#elif defined(__AVX__)
constexpr std::size_t bytes = 32;
#else
constexpr std::size_t bytes = 16;
#endif
typedef float Vector __attribute__((vector_size(bytes)));
constexpr std::size_t parts = tile * sizeof(float) / bytes;

struct Values {
    Vector part[parts];
};

// `low` keeps the smaller of each pair, the other goes where it came from.
inline void keep_smaller(Values& low, Values& other) noexcept {
    for (std::size_t k = 0; k < parts; ++k) {
        const Vector a = low.part[k];
        const Vector b = other.part[k];
        low.part[k] = a < b ? a : b;
        other.part[k] = a < b ? b : a;
    }
}

// The middle of `count` values (odd), by forgetting extremes: of half of them and two more, the smallest and the
// largest are no median, so they make place for the next.
template <std::size_t count>
void find_middle(const Line (&lines)[count], float* out) noexcept {
    Values values[count];
    __builtin_memcpy(values, lines, sizeof(values));
    std::size_t first = 0;
    std::size_t last = count / 2 + 1;
    for (std::size_t next = last + 1; first < last; ++next) {
        Values low = values[first];
        for (std::size_t i = first + 1; i <= last; ++i) keep_smaller(low, values[i]);
        Values high = values[last];
        for (std::size_t i = first + 1; i < last; ++i) keep_smaller(values[i], high);
        ++first;
        if (next < count) {
            values[last] = values[next];
        } else {
            --last;
        }
    }
    __builtin_memcpy(out, &values[first], sizeof(Values));
}

// Holes go below and above all values in turn, so that the middle of all is the middle of the values: `hole` is where
// the next one goes, `some` is 1 once there was a value.
[[gnu::noinline]] void take(const float* __restrict values, float* __restrict line, float* __restrict hole,
                            float* __restrict some) noexcept {
    for (std::size_t i = 0; i < tile; ++i) {
        const float value = values[i];
        const bool known = value == value;
        const float next = hole[i];
        line[i] = known ? value : next;
        hole[i] = known ? next : -next;
        some[i] = known ? 1.0F : some[i];
    }
}

template <std::size_t size>
void median_of(const float* const* rows, std::size_t x, float* out) noexcept {
    Line lines[size * size];
    Line hole;
    Line some;
    for (std::size_t i = 0; i < tile; ++i) hole[i] = -infinity;
    for (std::size_t i = 0; i < tile; ++i) some[i] = 0.0F;
    for (std::size_t k = 0; k < size * size; ++k) {
        take(rows[k / size] + x + k % size, lines[k], hole, some);
    }
    find_middle(lines, out);
    for (std::size_t i = 0; i < tile; ++i) out[i] = some[i] > 0.0F ? out[i] : __builtin_nanf("");
}

void median(const float* const* rows, std::size_t x, std::size_t size, float* out) noexcept {
    if (size == 3) {
        median_of<3>(rows, x, out);
    } else {
        median_of<5>(rows, x, out);
    }
}

// Guided

void add_moments(const float* __restrict values, const std::uint8_t* __restrict colors, std::size_t width, double sign,
                 double* __restrict sums) noexcept {
    for (std::size_t x = 0; x < width; ++x, colors += 3, sums += moments) {
        const bool known = __builtin_fabsf(values[x]) < infinity;
        const double weight = known ? sign : 0.0;
        const double value = known ? static_cast<double>(values[x]) : 0.0;
        const double red = colors[0];
        const double green = colors[1];
        const double blue = colors[2];
        const double all[moments] = {1.0,         red,           green,       blue,        red * red,     red * green,
                                     red * blue,  green * green, green * blue, blue * blue, value,         red * value,
                                     green * value, blue * value, 0.0,         0.0};
        for (std::size_t k = 0; k < moments; ++k) sums[k] += weight * all[k];
    }
}

void add_models(const float* __restrict fitted, std::size_t width, double sign, double* __restrict sums) noexcept {
    for (std::size_t x = 0; x < width; ++x, fitted += 4, sums += models) {
        const bool known = fitted[3] == fitted[3];
        const double weight = known ? sign : 0.0;
        for (std::size_t k = 0; k < 4; ++k) sums[k] += known ? sign * static_cast<double>(fitted[k]) : 0.0;
        sums[4] += weight;
    }
}

// The sums of a window, moved along a row of column sums.
template <std::size_t count>
class Window {
public:
    Window(const double* sums, std::size_t width, std::size_t radius) noexcept
        : sums_(sums), width_(width), radius_(radius) {
        for (std::size_t x = 0; x < radius && x < width; ++x) add(x);
    }
    void move_to(std::size_t x) noexcept {
        if (x + radius_ < width_) add(x + radius_);
        if (x > radius_) take(x - radius_ - 1);
    }
    double operator[](std::size_t k) const noexcept { return total_[k]; }

private:
    void add(std::size_t x) noexcept {
        for (std::size_t k = 0; k < count; ++k) total_[k] += sums_[x * count + k];
    }
    void take(std::size_t x) noexcept {
        for (std::size_t k = 0; k < count; ++k) total_[k] -= sums_[x * count + k];
    }

    const double* sums_;
    std::size_t width_, radius_;
    double total_[count] = {};
};

void fit(const double* sums, std::size_t width, std::size_t radius, double smoothness, float* fitted) noexcept {
    Window<moments> window(sums, width, radius);
    for (std::size_t x = 0; x < width; ++x, fitted += 4) {
        window.move_to(x);
        if (!(window[0] > 0.5)) {
            for (std::size_t k = 0; k < 4; ++k) fitted[k] = __builtin_nanf("");
            continue;
        }
        const double share = 1.0 / window[0];
        const double red = window[1] * share;
        const double green = window[2] * share;
        const double blue = window[3] * share;
        const double value = window[10] * share;
        // The symmetric matrix of the colours' covariance, and its adjugate.
        const double rr = window[4] * share - red * red + smoothness;
        const double rg = window[5] * share - red * green;
        const double rb = window[6] * share - red * blue;
        const double gg = window[7] * share - green * green + smoothness;
        const double gb = window[8] * share - green * blue;
        const double bb = window[9] * share - blue * blue + smoothness;
        const double rv = window[11] * share - red * value;
        const double gv = window[12] * share - green * value;
        const double bv = window[13] * share - blue * value;
        const double m00 = gg * bb - gb * gb;
        const double m01 = gb * rb - rg * bb;
        const double m02 = rg * gb - gg * rb;
        const double m11 = rr * bb - rb * rb;
        const double m12 = rg * rb - rr * gb;
        const double m22 = rr * gg - rg * rg;
        const double inverse = 1.0 / (rr * m00 + rg * m01 + rb * m02);
        const double slope_red = (m00 * rv + m01 * gv + m02 * bv) * inverse;
        const double slope_green = (m01 * rv + m11 * gv + m12 * bv) * inverse;
        const double slope_blue = (m02 * rv + m12 * gv + m22 * bv) * inverse;
        fitted[0] = static_cast<float>(slope_red);
        fitted[1] = static_cast<float>(slope_green);
        fitted[2] = static_cast<float>(slope_blue);
        fitted[3] = static_cast<float>(value - slope_red * red - slope_green * green - slope_blue * blue);
    }
}

void predict(const double* sums, const std::uint8_t* colors, std::size_t width, std::size_t radius,
             float* out) noexcept {
    Window<models> window(sums, width, radius);
    for (std::size_t x = 0; x < width; ++x, colors += 3) {
        window.move_to(x);
        const double said = window[0] * static_cast<double>(colors[0]) + window[1] * static_cast<double>(colors[1]) +
                            window[2] * static_cast<double>(colors[2]) + window[3];
        out[x] = window[4] > 0.5 ? static_cast<float>(said / window[4]) : __builtin_nanf("");
    }
}

}  // namespace

extern const Windows windows;
const Windows windows{bilateral, median, add_moments, add_models, fit, predict};

}  // namespace nearfar::filters::NEARFAR_LEVEL
