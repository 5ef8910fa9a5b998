#include "effects/highlights.hpp"

#include <algorithm>
#include <cmath>

#include "core/pool.hpp"
#include "effects/clip_evidence.hpp"
#include "effects/clipped.hpp"

namespace nearfar::effects {
namespace {

constexpr std::size_t band_rows = 64;
constexpr double brightest = 16.0;

// Pixels of outline that the picture's other blobs, and a picture without any lamp, are worth as evidence.
constexpr double blob_prior = 4.0, picture_prior = 6.0;
constexpr double most_of_a_blob = 30.0;  // in the picture's mean

constexpr double most_tinted = 1.4;    // a channel beside all of a lamp, by their rims
constexpr double clipped_alike = 0.3;  // of a channel's clipped pixels: what another one clips to be compared with it

// Of a channel in a rim, in light of whole pixels, that can be told from noise: in all, and of each pixel of the rim.
constexpr double least_excess = 0.1, least_excess_each = 0.005;
constexpr double sure_excess = 2.5;  // times as much leaves no doubt

using Gains = std::array<double, 3>;

// How many pixels of the outline tell something, and how much of the way to white they are, all together.
struct Witness {
    double pixels, spill;
};

Witness witness_of(const Rim& rim) {
    if (rim.seen == 0 || rim.sides == 0) return {0, 0};
    const double telling = rim.telling / rim.sides;
    return {rim.perimeter * telling * (rim.seen / rim.pixels), rim.spill * telling};
}

// Whites and papers that are hardly clipped stay what they are: a wrong guess would cost more than it could win.
double trusted(double gain, double from, double to) {
    const double t = std::clamp((gain - from) / (to - from), 0.0, 1.0);
    return 1.0 + (std::clamp(gain, 1.0, brightest) - 1.0) * (t * t * (3.0 - 2.0 * t));
}

// The mean coverage at which rims of the whole picture clip.
double usual_coverage(const std::vector<Evidence>& evidence) {
    double spill = picture_prior / 2, pixels = picture_prior;
    for (const Evidence& blob : evidence) {
        for (const Rim& rim : blob.rims) {
            const Witness witness = witness_of(rim);
            const double weight = std::min(1.0, most_of_a_blob / std::max(witness.pixels, 1.0));
            spill += witness.spill * weight;
            pixels += witness.pixels * weight;
        }
    }
    return std::clamp(2.0 * spill / pixels, 1.0 / brightest, 1.0);
}

// What a channel would be by the hue of the rim, where another one is lit and not clipped: of two the one that the rim
// shows best, and no brighter than its code where the rim shows none; 0 where no other is lit. The nearer the other is
// to white itself, the likelier is all of it, and the less is given; and less where the rim hardly shows it.
double by_hue(const Evidence& blob, std::size_t channel) {
    const double least = least_excess + blob.clear * least_excess_each;
    double gain = 0, most = least;
    for (std::size_t other = 0; other < 3 && blob.clear > 0; ++other) {
        if (other == channel || blob.open[channel][other] <= 0.3 * blob.rims[channel].area) continue;
        const double light = blob.open_light[channel][other] / blob.open[channel][other];
        const double contrast = light - blob.behind[other] / blob.clear;
        if (contrast <= 0.15) continue;
        gain = std::max(gain, 1.0);
        if (blob.excess[other] <= most) continue;
        most = blob.excess[other];
        const double hue = blob.behind[channel] / blob.clear + contrast * blob.excess[channel] / most;
        const double sure = std::min(1.0, (most / least - 1.0) / (sure_excess - 1.0));
        gain = 1.0 + (std::clamp(hue, 1.0, 1.0 + brightest * std::max(1.0 - light, 0.0)) - 1.0) * sure;
    }
    return gain;
}

// A rim that is lit up to coverage a, evenly, spills perimeter · a/2 of the way to white; and a lamp of e times white
// clips at a = (1 − behind)/(e − behind).
double by_rim(const Witness& witness, double behind, double usual) {
    const double coverage = (2.0 * witness.spill + blob_prior * usual) / (witness.pixels + blob_prior);
    return behind + (1.0 - behind) / coverage;
}

// Files keep colours at half the size, so that a rim takes on colour from behind it: rims of channels that are clipped
// together tell how bright they are together, and only within bounds how they differ. What
// hardly stands out from what is behind it is part of a bright wall or sky.
Gains gains_of(const Evidence& blob, double usual) {
    Gains gains{1, 1, 1}, hues{};
    Rim all;
    Witness together{0, 0};
    for (std::size_t c = 0; c < 3; ++c) {
        hues[c] = by_hue(blob, c);
        const Rim& rim = blob.rims[c];
        if (rim.area == 0 || hues[c] > 0) continue;
        const Witness witness = witness_of(rim);
        together.pixels += witness.pixels;
        together.spill += witness.spill;
        all.seen += rim.seen;
        all.behind += rim.behind;
    }
    const double whole = by_rim(together, all.seen > 0 ? all.behind / all.seen : 0.0, usual);
    for (std::size_t c = 0; c < 3; ++c) {
        const Rim& rim = blob.rims[c];
        if (rim.area == 0) continue;
        if (hues[c] > 0) {
            gains[c] = trusted(hues[c], 1.0, 1.3);
            continue;
        }
        const double alone = by_rim(witness_of(rim), rim.seen > 0 ? rim.behind / rim.seen : 0.0, usual);
        gains[c] = trusted(std::clamp(alone, whole / most_tinted, whole * most_tinted), 1.5, 3.0);
    }
    for (std::size_t c = 0; c < 3; ++c) {
        const Rim& rim = blob.rims[c];
        const double behind = rim.seen > 0 ? rim.behind / rim.seen : 1.0;
        gains[c] = 1.0 + (gains[c] - 1.0) * std::clamp((0.8 - behind) / 0.3, 0.0, 1.0);
    }
    Gains bounded = gains;
    for (std::size_t c = 0; c < 3; ++c) {
        for (std::size_t other = 0; other < 3; ++other) {
            const bool alike = blob.rims[other].area > clipped_alike * blob.rims[c].area;
            if (alike) bounded[c] = std::min(bounded[c], gains[other] * most_tinted * most_tinted);
        }
    }
    return bounded;
}

// Clipped pixels at the edge of a lamp are covered by it in part only: from 1/gain to 1, evenly.
float at_edge(double gain) { return static_cast<float>(std::max(1.0, gain * ((1.0 - 1.0 / (gain * gain)) / 2 + 1.0 / gain))); }

class Lighting {
public:
    Lighting(const Picture& picture, const Clipped& clipped, const std::vector<Gains>& gains)
        : picture_(picture), clipped_(clipped), gains_(gains), width_(static_cast<std::size_t>(picture.width)),
          marks_(3 * (width_ + 2)) {}

    void light_row(std::size_t y, std::vector<Glow>& glows) {
        bool marked = false;
        for (const ClippedRun& run : clipped_.row(y)) {
            const Gains& gains = gains_[run.blob];
            if (*std::ranges::max_element(gains) <= 1.0) continue;
            if (!marked) mark(y);
            marked = true;
            light_run(run, gains, glows);
        }
    }

private:
    const std::uint8_t* row(std::size_t i) const { return marks_.data() + i * (width_ + 2) + 1; }

    // Three rows; beyond the picture things go on as they are.
    void mark(std::size_t y) {
        const std::size_t last = static_cast<std::size_t>(picture_.height) - 1;
        for (std::size_t i = 0; i < 3; ++i) {
            std::uint8_t* const out = marks_.data() + i * (width_ + 2) + 1;
            mark_row(picture_, std::min(std::max(y + i, std::size_t{1}) - 1, last), out);
            out[-1] = out[0];
            out[width_] = out[width_ - 1];
        }
    }

    void light_run(const ClippedRun& run, const Gains& gains, std::vector<Glow>& glows) {
        const std::size_t before = glows.size();
        for (std::uint32_t x = run.begin; x < run.end; ++x) {
            const std::uint8_t* const m = row(1) + x;
            const int inner = m[-1] & m[1] & row(0)[x] & row(2)[x];
            Glow glow{x, x + 1, {1, 1, 1}};
            for (std::size_t c = 0; c < 3; ++c) {
                if (((m[0] >> c) & 1) != 0) glow.gain[c] = ((inner >> c) & 1) != 0 ? static_cast<float>(gains[c]) : at_edge(gains[c]);
            }
            if (glows.size() > before && glows.back().gain == glow.gain) {
                glows.back().end = x + 1;
            } else {
                glows.push_back(glow);
            }
        }
    }

    const Picture& picture_;
    const Clipped& clipped_;
    const std::vector<Gains>& gains_;
    std::size_t width_;
    std::vector<std::uint8_t> marks_;
};

}  // namespace

Highlights find_highlights(const Picture& picture) {
    const auto height = static_cast<std::size_t>(picture.height);
    const Clipped clipped = find_clipped(picture);
    const std::vector<Evidence> evidence = weigh_rims(picture, clipped);
    const double usual = usual_coverage(evidence);
    std::vector<Gains> gains(evidence.size());
    for (std::size_t blob = 0; blob < gains.size(); ++blob) gains[blob] = gains_of(evidence[blob], usual);
    std::vector<std::vector<Glow>> rows(height);
    parallel_for((height + band_rows - 1) / band_rows, 1, [&](std::size_t begin, std::size_t end) {
        Lighting lighting(picture, clipped, gains);
        for (std::size_t y = begin * band_rows; y < std::min(height, end * band_rows); ++y) lighting.light_row(y, rows[y]);
    });
    Highlights found;
    found.first.push_back(0);
    for (const std::vector<Glow>& row : rows) {
        found.glows.insert(found.glows.end(), row.begin(), row.end());
        found.first.push_back(found.glows.size());
    }
    return found;
}

void recover_highlights(const Picture& picture, float* light) {
    const Highlights highlights = find_highlights(picture);
    Picture lit = picture;
    lit.highlights = &highlights;
    constexpr Index length = 64;
    parallel_for(static_cast<std::size_t>(picture.height), band_rows, [&](std::size_t begin, std::size_t end) {
        std::array<float, 3 * length> planes;
        for (auto y = static_cast<Index>(begin); y < static_cast<Index>(end); ++y) {
            for (Index x = 0; x < picture.width; x += length) {
                const Index count = std::min(length, picture.width - x);
                read_pixels(lit, x, y, count, length, planes.data());
                write_row(Coding::floats, planes.data(), length, count, light + (y * picture.width + x) * 3);
            }
        }
    });
}

void brighten(const Highlights& highlights, Index x, Index y, Index count, Index plane, float* light) {
    const std::span<const Glow> row = highlights.row(static_cast<std::size_t>(y));
    const auto left = static_cast<std::uint32_t>(x), right = static_cast<std::uint32_t>(x + count);
    for (auto glow = std::ranges::upper_bound(row, left, {}, &Glow::end); glow != row.end() && glow->begin < right; ++glow) {
        for (std::uint32_t at = std::max(glow->begin, left); at < std::min(glow->end, right); ++at) {
            for (Index c = 0; c < 3; ++c) light[c * plane + (at - left)] *= glow->gain[static_cast<std::size_t>(c)];
        }
    }
}

void keep_sharp(const Picture& picture, Index x, Index y, Index count, Index plane, float* light) {
    constexpr float close = 1e-3F;
    Picture coded = picture;
    coded.highlights = nullptr;
    for (const Glow& glow : picture.highlights->row(static_cast<std::size_t>(y))) {
        const Index end = std::min(static_cast<Index>(glow.end), x + count);
        for (Index at = std::max(static_cast<Index>(glow.begin), x); at < end; ++at) {
            std::array<float, 3> plain;
            read_pixel(coded, at, y, plain.data());
            float* const here = light + (at - x);
            bool same = true;
            for (std::size_t c = 0; c < 3; ++c) {
                const float lit = plain[c] * glow.gain[c];
                same &= std::abs(here[static_cast<Index>(c) * plane] - lit) <= close * lit;
            }
            for (std::size_t c = 0; same && c < 3; ++c) here[static_cast<Index>(c) * plane] = plain[c];
        }
    }
}

}  // namespace nearfar::effects
