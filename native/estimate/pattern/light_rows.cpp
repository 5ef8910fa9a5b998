#include "estimate/pattern/light_rows.hpp"

namespace nearfar::pattern::NEARFAR_LEVEL {
namespace {

constexpr float edge = 1.0F;        // pixels of shift from one pixel to the next that a surface does not have
constexpr float brightest = 1e30F;  // times full scale: no sum of it overflows
constexpr std::size_t some = 256;   // samples that noise is drawn for at once

inline float magnitude(float value) noexcept { return value < 0.0F ? -value : value; }

inline std::int32_t floored(float value) noexcept {
    const auto cut = static_cast<std::int32_t>(value);
    return cut - (static_cast<float>(cut) > value ? 1 : 0);
}

void shift(const float* __restrict values, bool is_depth, float pull, std::size_t count, float* __restrict inverse,
           float* __restrict shift) noexcept {
    if (is_depth) {
        for (std::size_t i = 0; i < count; ++i) inverse[i] = 1.0F / values[i];
    } else {
        for (std::size_t i = 0; i < count; ++i) inverse[i] = values[i];
    }
    for (std::size_t i = 0; i < count; ++i) {
        const float moved = inverse[i] * pull;
        const float reached = magnitude(moved) <= farthest ? moved : __builtin_nanf("");
        shift[i] = inverse[i] >= 0.0F ? reached : __builtin_nanf("");
    }
}

void slope(const float* before, const float* here, const float* after, std::size_t count,
           float* __restrict slope) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        const float from = here[i] - before[i];
        const float to = after[i] - here[i];
        const float first = magnitude(from) < edge ? from : 0.0F;  // 0 for NaN as well
        const float second = magnitude(to) < edge ? to : 0.0F;
        const float half = (first != 0.0F) & (second != 0.0F) ? 0.5F : 1.0F;
        slope[i] = (first + second) * half;
    }
}

void cover(const float* __restrict slope, float texels, std::size_t count, float* __restrict width,
           float* __restrict whole) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        float stretch = 1.0F - slope[i];
        stretch = stretch > 0.25F ? stretch : 0.25F;
        stretch = stretch < 4.0F ? stretch : 4.0F;
        width[i] = 0.5F * texels * stretch;
        whole[i] = 1.0F / (width[i] * whole_light);
    }
}

void sample(const float* __restrict shift, const float* __restrict down, const float* __restrict across, float below,
            float beside, float first, std::size_t count, float* __restrict fine, float* __restrict near,
            std::int32_t* __restrict columns, Span& span) noexcept {
    std::int32_t lowest = span.lowest;
    std::int32_t highest = span.highest;
    for (std::size_t i = 0; i < count; ++i) {
        const float moved = (shift[i] + down[i] * below) + across[i] * beside;
        fine[i] = moved;
        const float known = moved == moved ? moved : 0.0F;
        near[i] = magnitude(known);
        const std::int32_t column = floored((first + static_cast<float>(static_cast<std::int32_t>(i))) - known);
        columns[i] = column;
        lowest = column < lowest ? column : lowest;
        highest = column > highest ? column : highest;
    }
    span = {lowest, highest};
}

void spot(const PatternRow& row, const float* __restrict fine, const float* __restrict width, float first,
          std::size_t count, const Spots& from, const Spots& to) noexcept {
    const auto columns = static_cast<float>(row.columns);
    const float inverse = 1.0F / columns;
    const auto last = static_cast<std::int32_t>(row.columns) - 1;
    const float texels = row.texels;
    const Spots* const both[2] = {&from, &to};
    for (const Spots* spots : both) {
        const float side = spots == &from ? -0.5F : 0.5F;
        std::int32_t *__restrict wholes = spots->whole, *__restrict turns = spots->turn;
        float* __restrict parts = spots->part;
        for (std::size_t i = 0; i < count; ++i) {
            const float known = fine[i] == fine[i] ? fine[i] : 0.0F;
            const float middle = texels * ((first + static_cast<float>(static_cast<std::int32_t>(i))) - known);
            const float place = middle + side * width[i];
            const std::int32_t turn = floored(place * inverse);
            const float rest = place - static_cast<float>(turn) * columns;
            std::int32_t whole = static_cast<std::int32_t>(rest);
            whole = whole > 0 ? whole : 0;
            whole = whole < last ? whole : last;
            wholes[i] = whole;
            turns[i] = turn;
            parts[i] = rest - static_cast<float>(whole);
        }
    }
}

void project(const PatternRow& row, const Spots& from, const Spots& to, const float* __restrict whole,
             std::size_t count, float* __restrict light) noexcept {
    const std::uint32_t total = row.sums[row.columns] - row.sums[0];
    const std::uint32_t *from_before = from.before, *from_after = from.after;
    const std::uint32_t *to_before = to.before, *to_after = to.after;
    const std::int32_t *from_turn = from.turn, *to_turn = to.turn;
    const float *from_part = from.part, *to_part = to.part;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t turns = total * static_cast<std::uint32_t>(to_turn[i] - from_turn[i]);
        const auto between = static_cast<float>(static_cast<std::int32_t>(to_before[i] - from_before[i] + turns));
        const auto lost = static_cast<float>(static_cast<std::int32_t>(from_after[i] - from_before[i]));
        const auto won = static_cast<float>(static_cast<std::int32_t>(to_after[i] - to_before[i]));
        light[i] = ((between + to_part[i] * won) - from_part[i] * lost) * whole[i];
    }
}

void weigh(const float* __restrict inverse, const float* __restrict shift, const float* __restrict surface,
           bool falls_off, float exposure, float ambient, float wave, const float* __restrict waves, std::size_t count,
           float* __restrict gain, float* __restrict room) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        const float fall = falls_off ? inverse[i] * inverse[i] : 1.0F;
        const float back = (exposure * fall) * surface[i];
        const float lit = ambient * surface[i] * (1.0F + wave * waves[i]);
        const bool seen = (shift[i] == shift[i]) & (falls_off ? inverse[i] > 0.0F : true);
        gain[i] = seen ? (back < brightest ? back : brightest) : 0.0F;
        room[i] = seen ? (lit < brightest ? lit : brightest) : 0.0F;
    }
}

void shine(const float* __restrict gain, const float* __restrict room, const float* __restrict fine,
           const float* __restrict nearest, const float* __restrict slope, std::size_t count, float* __restrict light,
           std::uint8_t* __restrict shadows) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        const bool dark = magnitude(fine[i]) + 1.0F + 2.0F * magnitude(slope[i]) < nearest[i];  // not where NaN is
        light[i] = (dark ? 0.0F : light[i] * gain[i]) + room[i];
        shadows[i] = static_cast<std::uint8_t>(shadows[i] + (dark ? 1 : 0));
    }
}

void blend(const float* a, const float* b, float weight, bool is_first, std::size_t count,
           float* __restrict out) noexcept {
    if (is_first) {
        for (std::size_t i = 0; i < count; ++i) out[i] = weight * (a[i] + b[i]);
    } else {
        for (std::size_t i = 0; i < count; ++i) out[i] += weight * (a[i] + b[i]);
    }
}

// SplitMix64 (Steele, Lea, Flood 2014).
inline std::uint64_t hash(std::uint64_t key) noexcept {
    key += 0x9E3779B97F4A7C15U;
    key = (key ^ (key >> 30U)) * 0xBF58476D1CE4E5B9U;
    key = (key ^ (key >> 27U)) * 0x94D049BB133111EBU;
    return key ^ (key >> 31U);
}

// The sum of the four 16-bit parts.
inline std::uint64_t parts(std::uint64_t bits) noexcept {
    const std::uint64_t pairs = (bits & 0x0000FFFF0000FFFFU) + ((bits >> 16U) & 0x0000FFFF0000FFFFU);
    return (pairs & 0xFFFFFFFFU) + (pairs >> 32U);
}

void expose(const float* __restrict light, std::size_t count, float read_variance, float full_well, float full,
            std::uint64_t key, std::uint64_t first, float* __restrict counts) noexcept {
    constexpr float to_even = 12582912.0F;  // 1.5·2^23: adding it rounds to a whole number, half to even
    constexpr float mean = 262140.0F;       // of the sum of eight evenly spread numbers below 2^16: nearly normal
    constexpr float deviation = 53509.8F;   // sqrt(8 · (65536² − 1)/12)
    std::int32_t drawn[some];
    for (std::size_t begin = 0; begin < count; begin += some) {
        const std::size_t length = count - begin < some ? count - begin : some;
        const std::uint64_t start = key + first + begin;
        for (std::size_t i = 0; i < length; ++i) {
            const std::uint64_t at = 2 * (start + i);
            drawn[i] = static_cast<std::int32_t>(parts(hash(at)) + parts(hash(at + 1)));
        }
        for (std::size_t i = 0; i < length; ++i) {
            const float seen = light[begin + i];
            const float normal = (static_cast<float>(drawn[i]) - mean) / deviation;
            const float level = (seen + normal * __builtin_sqrtf(read_variance + seen / full_well)) * full;
            float held = level > 0.0F ? level : 0.0F;
            held = held < full ? held : full;
            counts[begin + i] = (held + to_even) - to_even;
        }
    }
}

}  // namespace

extern const LightRows light_rows;
const LightRows light_rows{shift, slope, cover, sample, spot, project, weigh, shine, blend, expose};

}  // namespace nearfar::pattern::NEARFAR_LEVEL
