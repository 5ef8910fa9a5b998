#include "effects/clipped.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/interrupt.hpp"
#include "core/pool.hpp"
#include "effects/clip_rows.hpp"

namespace nearfar::effects {
namespace {

constexpr std::size_t band_rows = 64;
constexpr std::size_t most_runs = std::size_t{1} << 20;
constexpr std::uint32_t most_blobs = 1U << 16;

struct Band {
    std::vector<ClippedRun> runs;
    std::vector<std::size_t> counts;  // row by row
};

Band scan(const Picture& picture, std::size_t begin, std::size_t end) {
    const auto width = static_cast<std::size_t>(picture.width);
    std::vector<std::uint8_t> marks(width + 1, 0);  // one clear mark behind the row
    Band band;
    for (std::size_t y = begin; y < end; ++y) {
        const std::size_t before = band.runs.size();
        if (mark_row(picture, y, marks.data())) {
            auto at = marks.begin();
            while ((at = std::find_if(at, marks.end(), [](std::uint8_t mark) { return mark != 0; })) != marks.end()) {
                const auto stop = std::find(at, marks.end(), 0);
                band.runs.push_back({static_cast<std::uint32_t>(at - marks.begin()),
                                     static_cast<std::uint32_t>(stop - marks.begin()), 0});
                at = stop;
            }
        }
        band.counts.push_back(band.runs.size() - before);
    }
    return band;
}

Clipped gathered(const std::vector<Band>& bands) {
    Clipped clipped;
    clipped.first.push_back(0);
    for (const Band& band : bands) {
        clipped.runs.insert(clipped.runs.end(), band.runs.begin(), band.runs.end());
        for (const std::size_t count : band.counts) clipped.first.push_back(clipped.first.back() + count);
    }
    return clipped;
}

std::uint32_t root(std::vector<std::uint32_t>& parents, std::uint32_t at) {
    while (parents[at] != at) {
        parents[at] = parents[parents[at]];
        at = parents[at];
    }
    return at;
}

void join_rows(const Clipped& clipped, std::size_t y, std::vector<std::uint32_t>& parents) {
    std::size_t above = clipped.first[y - 1], below = clipped.first[y];
    while (above < clipped.first[y] && below < clipped.first[y + 1]) {
        const ClippedRun &a = clipped.runs[above], &b = clipped.runs[below];
        if (a.begin <= b.end && b.begin <= a.end) {
            const std::uint32_t i = root(parents, static_cast<std::uint32_t>(above));
            const std::uint32_t j = root(parents, static_cast<std::uint32_t>(below));
            parents[std::max(i, j)] = std::min(i, j);
        }
        ++(a.end < b.end ? above : below);
    }
}

}  // namespace

std::uint32_t Clipped::blob_at(std::size_t x, std::size_t y) const {
    const std::span<const ClippedRun> runs_there = row(y);
    return std::ranges::lower_bound(runs_there, x + 1, {}, &ClippedRun::end)->blob;
}

bool mark_row(const Picture& picture, std::size_t y, std::uint8_t* marks) {
    const auto width = static_cast<std::size_t>(picture.width);
    switch (picture.coding) {
        case Coding::bytes:
            return clip_rows().mark_bytes(static_cast<const std::uint8_t*>(picture.samples) + 3 * width * y, width,
                                          clipped_byte, marks);
        case Coding::words:
            return clip_rows().mark_words(static_cast<const std::uint16_t*>(picture.samples) + 3 * width * y, width,
                                          clipped_word, marks);
        case Coding::floats: break;
    }
    std::fill_n(marks, width, std::uint8_t{0});
    return false;
}

Clipped find_clipped(const Picture& picture) {
    const auto height = static_cast<std::size_t>(picture.height);
    std::vector<Band> bands((height + band_rows - 1) / band_rows);
    parallel_for(bands.size(), 1, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            bands[i] = scan(picture, i * band_rows, std::min(height, (i + 1) * band_rows));
        }
    });
    Clipped clipped = gathered(bands);
    std::vector<std::uint32_t> parents(std::min(clipped.runs.size(), most_runs + 1));
    if (parents.size() <= most_runs) {
        std::iota(parents.begin(), parents.end(), 0U);
        for (std::size_t y = 1; y < height; ++y) {
            if (clipped.first[y] < clipped.first[y + 1]) join_rows(clipped, y, parents);
            if (y % band_rows == 0) poll_interrupt();
        }
        for (std::uint32_t i = 0; i < parents.size(); ++i) {  // a parent comes before its children
            clipped.runs[i].blob = parents[i] == i ? clipped.blobs++ : clipped.runs[parents[i]].blob;
        }
    }
    if (parents.size() > most_runs || clipped.blobs > most_blobs) {
        clipped = {};
        clipped.first.assign(height + 1, 0);
    }
    return clipped;
}

}  // namespace nearfar::effects
