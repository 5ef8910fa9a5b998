// For a block: how many taps each footprint takes and from which levels; for each tap of each level where its four
// texels lie and how much they count; at last the texels themselves, two of four channels at a time.
#include "scene/texture.hpp"

#include "scene/arithmetic.hpp"

#if defined(__AVX2__) || defined(__SSE2__)
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC's own header, _mm512_undefined_epi32
#include <immintrin.h>
#pragma GCC diagnostic pop
#else
#include <immintrin.h>
#endif
#endif

namespace nearfar::scene::NEARFAR_LEVEL {
namespace {

constexpr int most_taps = 4;

// Four channels of each of two neighbouring texels: their light, and a sum of such.
#if defined(__AVX2__)
using Pair = __m256;

Pair light_of(const std::uint8_t* texels) noexcept {
    const __m128i codes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(texels));
    const __m256 value = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(codes));
    return _mm256_mul_ps(value, value);
}
void add_shared(Pair& sum, const std::uint8_t* upper, const std::uint8_t* lower, const float* rows,
                const float* sides) noexcept {
    const __m256 both = _mm256_add_ps(_mm256_mul_ps(light_of(upper), _mm256_set1_ps(rows[0])),
                                      _mm256_mul_ps(light_of(lower), _mm256_set1_ps(rows[1])));
    const __m256 shares = _mm256_set_m128(_mm_set1_ps(sides[1]), _mm_set1_ps(sides[0]));
    sum = _mm256_add_ps(sum, _mm256_mul_ps(both, shares));
}
void finish(const Pair& sum, float* out) noexcept {
    _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1)));
}
#elif defined(__SSE2__)
struct Pair {
    __m128 left, right;
};

Pair light_of(const std::uint8_t* texels) noexcept {
    const __m128i codes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(texels));
    const __m128i words = _mm_unpacklo_epi8(codes, _mm_setzero_si128());
    const __m128i squares = _mm_mullo_epi16(words, words);
    return {_mm_cvtepi32_ps(_mm_unpacklo_epi16(squares, _mm_setzero_si128())),
            _mm_cvtepi32_ps(_mm_unpackhi_epi16(squares, _mm_setzero_si128()))};
}
void add_shared(Pair& sum, const std::uint8_t* upper, const std::uint8_t* lower, const float* rows,
                const float* sides) noexcept {
    const Pair above = light_of(upper);
    const Pair below = light_of(lower);
    const __m128 above_share = _mm_set1_ps(rows[0]);
    const __m128 below_share = _mm_set1_ps(rows[1]);
    const __m128 left = _mm_add_ps(_mm_mul_ps(above.left, above_share), _mm_mul_ps(below.left, below_share));
    const __m128 right = _mm_add_ps(_mm_mul_ps(above.right, above_share), _mm_mul_ps(below.right, below_share));
    sum.left = _mm_add_ps(sum.left, _mm_mul_ps(left, _mm_set1_ps(sides[0])));
    sum.right = _mm_add_ps(sum.right, _mm_mul_ps(right, _mm_set1_ps(sides[1])));
}
void finish(const Pair& sum, float* out) noexcept { _mm_storeu_ps(out, _mm_add_ps(sum.left, sum.right)); }
#else
struct Pair {
    float light[8];
};

void add_shared(Pair& sum, const std::uint8_t* upper, const std::uint8_t* lower, const float* rows,
                const float* sides) noexcept {
    for (int k = 0; k < 8; ++k) {
        const auto above = static_cast<float>(upper[k] * upper[k]);
        const auto below = static_cast<float>(lower[k] * lower[k]);
        sum.light[k] += (above * rows[0] + below * rows[1]) * sides[k / 4];
    }
}
void finish(const Pair& sum, float* out) noexcept {
    for (int k = 0; k < 4; ++k) out[k] = sum.light[k] + sum.light[k + 4];
}
#endif

// How the samples of a block are read, from a finer and a coarser level.
struct Reading {
    using Values = float[block_size];
    using Numbers = std::int32_t[block_size];

    alignas(64) Values width, height, coarsest;  // of level 0, in texels; number of the last level
    alignas(64) Values s, t, along_s, along_t;   // texels of level 0
    alignas(64) Numbers taps, fine;
    alignas(64) Values tap_share, coarse_share;
    std::int32_t most_taps;
};

// One tap in one level: which texels, and how much they count.
struct Tap {
    alignas(64) std::int32_t upper[block_size];  // the first of two neighbours, in texels from the level's start
    alignas(64) std::int32_t lower[block_size];
    alignas(64) float rows[block_size][2];
    alignas(64) float sides[block_size][2];
};

void find_textures(Block& block, Reading& reading) noexcept {
    for (std::size_t k = 0; k < block.runs; ++k) {
        const Run& run = block.run[k];
        const Texture* texture = run.facet->texture;
        for (std::size_t i = run.begin; i < run.end; ++i) {
            reading.width[i] = run.facet->width;
            reading.height[i] = run.facet->height;
            reading.coarsest[i] = texture != nullptr ? static_cast<float>(texture->levels - 1) : 0.0F;
        }
        if (texture != nullptr) continue;
        for (std::size_t i = run.begin; i < run.end; ++i) {
            block.s[i] = block.t[i] = 0.0F;
            block.across_s[i] = block.across_t[i] = block.down_s[i] = block.down_t[i] = 0.0F;
        }
    }
}

// Whole repeats are taken off: far from 0 coordinates would have no bits left for the texels.
float within(float value) noexcept {
    const float kept = value > -1e7F && value < 1e7F ? value : 0.0F;
    return kept - static_cast<float>(whole(kept));
}

void choose_levels(const Block& block, Reading& reading) noexcept {
    for (std::size_t i = 0; i < block.count; ++i) {
        const float across = block.across_s[i] * block.across_s[i] + block.across_t[i] * block.across_t[i];
        const float down = block.down_s[i] * block.down_s[i] + block.down_t[i] * block.down_t[i];
        const bool upright = down > across;
        const float long_side = upright ? down : across;
        const float short_side = upright ? across : down;
        // A face seen edge-on: its mean, by a single tap.
        const bool clear = long_side < 1e12F && short_side >= 0.0F;
        const float longer = clear ? long_side : 1e12F;
        const float given = clear ? short_side : 1e12F;
        const float along_s = upright ? block.down_s[i] : block.across_s[i];
        const float along_t = upright ? block.down_t[i] : block.across_t[i];
        reading.along_s[i] = clear ? along_s : 0.0F;
        reading.along_t[i] = clear ? along_t : 0.0F;
        const float shorter = larger(larger(given, longer * (1.0F / static_cast<float>(most_taps * most_taps))), 1.0F);
        const float wanted = longer > 1.02F * shorter ? root(longer / shorter) - 0.01F : 1.0F;
        const std::int32_t taps = -whole(-between(wanted, 1.0F, static_cast<float>(most_taps)));
        const float level = smaller(0.5F * rough_log2(shorter), reading.coarsest[i]);
        const auto fine = static_cast<std::int32_t>(level);
        reading.taps[i] = taps;
        reading.tap_share[i] = 1.0F / static_cast<float>(taps);
        reading.fine[i] = fine;
        reading.coarse_share[i] = level - static_cast<float>(fine);
        reading.s[i] = within(block.s[i]) * reading.width[i];
        reading.t[i] = within(block.t[i]) * reading.height[i];
    }
    reading.most_taps = 1;
    for (std::size_t i = 0; i < block.count; ++i) {
        reading.most_taps = reading.taps[i] > reading.most_taps ? reading.taps[i] : reading.most_taps;
    }
}

// `coarser` is 1 for the coarser of the two levels, else 0.
void place_tap(const Reading& reading, std::size_t count, std::int32_t number, std::int32_t coarser, Tap& tap) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        const float scale = halved(reading.fine[i] + coarser);
        const float step = (static_cast<float>(number) + 0.5F) * reading.tap_share[i] - 0.5F;
        const float x = (reading.s[i] + reading.along_s[i] * step) * scale - 0.5F;
        const float y = (reading.t[i] + reading.along_t[i] * step) * scale - 0.5F;
        const std::int32_t left = whole(x);
        const std::int32_t top = whole(y);
        const float right_share = x - static_cast<float>(left);
        const float lower_share = y - static_cast<float>(top);
        const std::int32_t width = static_cast<std::int32_t>(larger(reading.width[i] * scale, 1.0F));
        const std::int32_t height = static_cast<std::int32_t>(larger(reading.height[i] * scale, 1.0F));
        const std::int32_t column = left & (width - 1);
        tap.upper[i] = (top & (height - 1)) * (width + 1) + column;
        tap.lower[i] = ((top + 1) & (height - 1)) * (width + 1) + column;
        const float coarse_share = reading.coarse_share[i];
        const float share = (coarser != 0 ? coarse_share : 1.0F - coarse_share) * reading.tap_share[i];
        tap.rows[i][0] = (1.0F - lower_share) * share;
        tap.rows[i][1] = lower_share * share;
        tap.sides[i][0] = 1.0F - right_share;
        tap.sides[i][1] = right_share;
    }
}

void read(Block& block, const Reading& reading, const Tap (&taps)[2][most_taps]) noexcept {
    for (std::size_t k = 0; k < block.runs; ++k) {
        const Run& run = block.run[k];
        const Texture* texture = run.facet->texture;
        for (std::size_t i = run.begin; i < run.end; ++i) {
            if (texture == nullptr) {
                for (int c = 0; c < 4; ++c) block.texel[c][i] = 1.0F;
                continue;
            }
            Pair sum{};
            for (std::int32_t coarser = 0; coarser < (reading.coarse_share[i] > 0.0F ? 2 : 1); ++coarser) {
                const std::uint8_t* level = run.facet->texels + 4 * texture->start[reading.fine[i] + coarser];
                for (std::int32_t number = 0; number < reading.taps[i]; ++number) {
                    const Tap& tap = taps[coarser][number];
                    add_shared(sum, level + 4 * static_cast<std::ptrdiff_t>(tap.upper[i]),
                               level + 4 * static_cast<std::ptrdiff_t>(tap.lower[i]), tap.rows[i], tap.sides[i]);
                }
            }
            float texel[4];
            finish(sum, texel);
            for (int c = 0; c < 4; ++c) block.texel[c][i] = texel[c] * (1.0F / (255.0F * 255.0F));
        }
    }
}

void sample(Block& block) noexcept {
    if (!block.textured) {
        for (auto& channel : block.texel) {
            for (std::size_t i = 0; i < block.count; ++i) channel[i] = 1.0F;
        }
        return;
    }
    Reading reading;
    Tap taps[2][most_taps];
    find_textures(block, reading);
    choose_levels(block, reading);
    for (std::int32_t number = 0; number < reading.most_taps; ++number) {
        for (std::int32_t coarser = 0; coarser < 2; ++coarser) {
            place_tap(reading, block.count, number, coarser, taps[coarser][number]);
        }
    }
    read(block, reading, taps);
}

}  // namespace

extern const Sampler sampler;
const Sampler sampler{sample};

}  // namespace nearfar::scene::NEARFAR_LEVEL
