#include "effects/clip_evidence.hpp"

#include <algorithm>
#include <cstring>

#include "core/interrupt.hpp"
#include "core/pool.hpp"

namespace nearfar::effects {
namespace {

constexpr std::size_t band_rows = 64;
constexpr std::size_t margin = 3;        // of a rim pixel: 2 to what lies behind, 1 more to tell that it is clear
constexpr int longest_telling = 4;       // sides of one run of the outline
constexpr double least_contrast = 0.05;  // between what is behind and white

// The rows of a band and its surroundings: marks as of ClipRows, 0 beyond the picture; the pixels that are clear, which
// are unclipped as are all around them; and those that are clipped in other channels than one of their neighbours.
class Window {
public:
    Window(const Picture& picture, std::size_t top, std::size_t end)
        : width_(static_cast<std::size_t>(picture.width)), height_(static_cast<std::size_t>(picture.height)),
          stride_(width_ + 2 * margin), top_(top) {
        const std::size_t rows = end - top + 2 * margin;
        marks_.assign(rows * stride_, 0);
        clear_.assign(rows * stride_, 0);
        mixed_.assign(rows * stride_, 0);
        for (std::size_t row = 0; row < rows; ++row) {
            if (inside(row)) mark_row(picture, top + row - margin, marks_.data() + row * stride_ + margin);
        }
        for (std::size_t row = 1; row + 1 < rows; ++row) {
            if (inside(row)) compare(row);
        }
    }

    // Rows and columns count from the picture's first ones.
    const std::uint8_t* marks(std::size_t x, std::size_t y) const { return marks_.data() + at(x, y); }
    const std::uint8_t* clear(std::size_t x, std::size_t y) const { return clear_.data() + at(x, y); }
    const std::uint8_t* mixed(std::size_t x, std::size_t y) const { return mixed_.data() + at(x, y); }
    std::ptrdiff_t stride() const { return static_cast<std::ptrdiff_t>(stride_); }

private:
    bool inside(std::size_t row) const { return top_ + row >= margin && top_ + row - margin < height_; }
    std::size_t at(std::size_t x, std::size_t y) const { return (y - top_ + margin) * stride_ + x + margin; }

    void compare(std::size_t row) {
        const std::uint8_t* const m = marks_.data() + row * stride_;
        const std::uint8_t *const above = m - stride_, *const below = m + stride_;
        std::uint8_t *const clear = clear_.data() + row * stride_, *const mixed = mixed_.data() + row * stride_;
        for (std::size_t x = margin; x < margin + width_; ++x) {
            const int any = above[x - 1] | above[x] | above[x + 1] | m[x - 1] | m[x] | m[x + 1] | below[x - 1] | below[x] |
                            below[x + 1];
            const int all = above[x - 1] & above[x] & above[x + 1] & m[x - 1] & m[x] & m[x + 1] & below[x - 1] & below[x] &
                            below[x + 1];
            clear[x] = any == 0 ? 1 : 0;
            mixed[x] = any != all ? 1 : 0;
        }
    }

    std::size_t width_, height_, stride_, top_;
    std::vector<std::uint8_t> marks_, clear_, mixed_;
};

class Weighing {
public:
    Weighing(const Picture& picture, const Clipped& clipped, std::size_t top, std::size_t end)
        : picture_(picture), clipped_(clipped), width_(static_cast<std::size_t>(picture.width)),
          height_(static_cast<std::size_t>(picture.height)),
          table_(picture.coding == Coding::bytes ? light_of_bytes() : light_of_words()) {
        const std::size_t first = clipped.first[top > 0 ? top - 1 : 0], last = clipped.first[std::min(end + 1, height_)];
        if (first == last) return;
        for (std::size_t i = first; i < last; ++i) blobs.push_back(clipped.runs[i].blob);
        std::ranges::sort(blobs);
        blobs.erase(std::unique(blobs.begin(), blobs.end()), blobs.end());
        evidence.resize(blobs.size());
        const Window window(picture, top, end);
        for (std::size_t y = top; y < end; ++y) {
            visit_row(window, y);
            poll_interrupt();
        }
    }

    std::vector<std::uint32_t> blobs;  // ascending
    std::vector<Evidence> evidence;

private:
    struct Behind {
        double count = 0;
        std::array<double, 3> light{};
    };

    Evidence& of_blob(std::uint32_t blob) {
        if (blobs[latest_] != blob) latest_ = static_cast<std::size_t>(std::ranges::lower_bound(blobs, blob) - blobs.begin());
        return evidence[latest_];
    }

    std::array<double, 3> light(std::size_t x, std::size_t y) const {
        const std::size_t at = (y * width_ + x) * 3;
        if (picture_.coding == Coding::bytes) return decoded(static_cast<const std::uint8_t*>(picture_.samples) + at);
        return decoded(static_cast<const std::uint16_t*>(picture_.samples) + at);
    }

    template <class Sample>
    std::array<double, 3> decoded(const Sample* samples) const {
        return {static_cast<double>(table_[samples[0]]), static_cast<double>(table_[samples[1]]),
                static_cast<double>(table_[samples[2]])};
    }

    void visit_row(const Window& window, std::size_t y) {
        for (const ClippedRun& run : clipped_.row(y)) weigh_run(run, window.marks(0, y), y);
        const std::uint8_t *const mixed = window.mixed(0, y), *const end = mixed + width_;
        for (const std::uint8_t* at = mixed; (at = std::find(at, end, 1)) != end; ++at) {
            visit(window, static_cast<std::size_t>(at - mixed), y);
        }
    }

    void visit(const Window& window, std::size_t x, std::size_t y) {
        const std::uint8_t* const m = window.marks(x, y);
        const std::ptrdiff_t s = window.stride();
        const int around = m[-s - 1] | m[-s] | m[-s + 1] | m[-1] | m[1] | m[s - 1] | m[s] | m[s + 1];
        if (m[0] != 0) weigh_sides(m, s, x, y, of_blob(clipped_.blob_at(x, y)));
        if (x + 1 < width_ && y + 1 < height_) weigh_corner(m, s, x, y);
        if ((around & ~m[0]) != 0) weigh_rim(window, m, x, y, around & ~m[0]);
    }

    // Marching squares: the outline within the square of the centres of four pixels.
    void weigh_corner(const std::uint8_t* m, std::ptrdiff_t s, std::size_t x, std::size_t y) {
        for (std::size_t c = 0; c < 3; ++c) {
            const int a = (m[0] >> c) & 1, b = (m[1] >> c) & 1, d = (m[s] >> c) & 1, e = (m[s + 1] >> c) & 1;
            const int count = a + b + d + e;
            if (count == 0 || count == 4) continue;
            constexpr double root2 = 1.4142135623730951;
            const double length = count != 2 ? root2 / 2 : a == e ? root2 : 1.0;
            const std::size_t right = a + d == 0 ? 1 : 0, down = (right == 1 ? b : a) == 0 ? 1 : 0;
            of_blob(clipped_.blob_at(x + right, y + down)).rims[c].perimeter += length;
        }
    }

    // Sides of the pixel on the outline. Along a straight edge that runs with the rows or columns, or at 45°, all pixels
    // are covered alike, so that their number tells nothing: of a run of sides only a few count, none of one that ends in
    // corners or of one side that is a step of a regular stair.
    void weigh_sides(const std::uint8_t* m, std::ptrdiff_t s, std::size_t x, std::size_t y, Evidence& own) {
        const auto column = static_cast<std::ptrdiff_t>(x), row = static_cast<std::ptrdiff_t>(y);
        const std::array<std::array<std::ptrdiff_t, 2>, 4> outward{{{0, -1}, {0, 1}, {-1, 0}, {1, 0}}};
        for (const auto& [dx, dy] : outward) {
            if (!in_picture(column + dx, row + dy)) continue;
            const int sides = m[0] & ~m[dx + dy * s];
            if (sides == 0) continue;
            const std::ptrdiff_t along_x = dx == 0 ? 1 : 0, along_y = dx == 0 ? 0 : 1, back = along_x + along_y * s;
            const int starts = sides & ~(m[-back] & ~m[dx + dy * s - back]);
            for (std::size_t c = 0; c < 3; ++c) {
                own.rims[c].sides += (sides >> c) & 1;
                if (((starts >> c) & 1) != 0) own.rims[c].telling += telling({column, row, dx, dy, along_x, along_y, 1 << c});
            }
        }
    }

    struct Start {
        std::ptrdiff_t x, y, dx, dy, along_x, along_y;
        int channel;
    };

    double telling(const Start& from) const {
        const auto side = [&](std::ptrdiff_t step, std::ptrdiff_t out) {
            return is_marked(from.x + from.along_x * step + from.dx * out, from.y + from.along_y * step + from.dy * out,
                             from.channel);
        };
        const auto goes_on = [&](std::ptrdiff_t step) {  // one pixel further out or in
            return (side(step, 1) && !side(step, 2)) || (!side(step, 0) && side(step, -1));
        };
        const auto is_side = [&](std::ptrdiff_t step, std::ptrdiff_t out) { return side(step, out) && !side(step, out + 1); };
        const auto is_stair = [&](std::ptrdiff_t rise) {
            const bool before = is_side(-1, -rise), after = is_side(1, rise);
            return (before && after) || (before && is_side(-2, -2 * rise)) || (after && is_side(2, 2 * rise));
        };
        std::ptrdiff_t length = 1;
        while (is_side(length, 0)) ++length;
        if (length == 1 && (is_stair(1) || is_stair(-1))) return 0;
        if (goes_on(-1) || goes_on(length)) return static_cast<double>(std::min<std::ptrdiff_t>(length, longest_telling));
        return length <= 2 ? static_cast<double>(length) : 0.0;
    }

    bool in_picture(std::ptrdiff_t x, std::ptrdiff_t y) const {
        return x >= 0 && y >= 0 && x < picture_.width && y < picture_.height;
    }

    bool is_marked(std::ptrdiff_t x, std::ptrdiff_t y, int channel) const {
        if (!in_picture(x, y)) return false;
        const std::ptrdiff_t at = (y * picture_.width + x) * 3 + (channel >> 1);
        if (picture_.coding == Coding::bytes) return static_cast<const std::uint8_t*>(picture_.samples)[at] >= clipped_byte;
        return static_cast<const std::uint16_t*>(picture_.samples)[at] >= clipped_word;
    }

    void weigh_run(const ClippedRun& run, const std::uint8_t* marks, std::size_t y) {
        Evidence& own = of_blob(run.blob);
        std::array<std::uint32_t, 3> area{};
        for (std::size_t x = run.begin; x < run.end; ++x) {
            for (std::size_t c = 0; c < 3; ++c) area[c] += (static_cast<unsigned>(marks[x]) >> c) & 1U;
        }
        for (std::size_t c = 0; c < 3; ++c) own.rims[c].area += area[c];
        for (std::size_t x = run.begin; x < run.end; ++x) {
            if (marks[x] != 7) weigh_open(marks[x], light(x, y), own);
        }
    }

    static void weigh_open(int mark, const std::array<double, 3>& here, Evidence& own) {
        for (std::size_t c = 0; c < 3; ++c) {
            for (std::size_t o = 0; o < 3; ++o) {
                if (((mark >> c) & 1) == 0 || ((mark >> o) & 1) != 0) continue;
                own.open[c][o] += 1;
                own.open_light[c][o] += here[o];
            }
        }
    }

    Behind behind(const Window& window, std::size_t x, std::size_t y) const {
        Behind sum;
        const std::uint8_t* const clear = window.clear(x, y);
        for (std::ptrdiff_t dy = -2; dy <= 2; ++dy) {
            for (std::ptrdiff_t dx = -2; dx <= 2; ++dx) {
                if (clear[dy * window.stride() + dx] == 0) continue;
                sum.count += 1;
                const std::array<double, 3> found = light(static_cast<std::size_t>(static_cast<std::ptrdiff_t>(x) + dx),
                                                          static_cast<std::size_t>(static_cast<std::ptrdiff_t>(y) + dy));
                for (std::size_t c = 0; c < 3; ++c) sum.light[c] += found[c];
            }
        }
        for (double& value : sum.light) value /= std::max(sum.count, 1.0);
        return sum;
    }

    // A pixel with neighbours that are clipped in `channels`, in which it is not itself.
    void weigh_rim(const Window& window, const std::uint8_t* m, std::size_t x, std::size_t y, int channels) {
        const Behind there = behind(window, x, y);
        std::array<std::uint32_t, 8> met;
        std::array<int, 8> shared;
        std::size_t count = 0;
        for (std::ptrdiff_t dy = -1; dy <= 1; ++dy) {
            for (std::ptrdiff_t dx = -1; dx <= 1; ++dx) {
                const int mark = m[dy * window.stride() + dx];
                if (mark == 0 || (dx == 0 && dy == 0)) continue;
                const std::uint32_t blob = clipped_.blob_at(static_cast<std::size_t>(static_cast<std::ptrdiff_t>(x) + dx),
                                                            static_cast<std::size_t>(static_cast<std::ptrdiff_t>(y) + dy));
                const std::size_t i = static_cast<std::size_t>(std::find(met.begin(), met.begin() + count, blob) - met.begin());
                if (i == count) {
                    met[count] = blob;
                    shared[count++] = 0;
                }
                shared[i] |= mark;
            }
        }
        const std::array<double, 3> here = light(x, y);
        for (std::size_t i = 0; i < count; ++i) {
            Evidence& own = of_blob(met[i]);
            add_rim(there, here, shared[i] & channels, own);
            if (m[0] == 0 && there.count > 0) add_hue(there, here, own);
        }
    }

    static void add_rim(const Behind& there, const std::array<double, 3>& here, int channels, Evidence& own) {
        for (std::size_t c = 0; c < 3; ++c) {
            if (((channels >> c) & 1) == 0) continue;
            Rim& rim = own.rims[c];
            rim.pixels += 1;
            if (there.count == 0) continue;
            const double way = std::max(1.0 - there.light[c], least_contrast);
            rim.seen += 1;
            rim.behind += there.light[c];
            rim.spill += std::clamp((here[c] - there.light[c]) / way, 0.0, 1.0);
        }
    }

    static void add_hue(const Behind& there, const std::array<double, 3>& here, Evidence& own) {
        own.clear += 1;
        for (std::size_t c = 0; c < 3; ++c) {
            own.behind[c] += there.light[c];
            own.excess[c] += here[c] - there.light[c];
        }
    }

    const Picture& picture_;
    const Clipped& clipped_;
    std::size_t width_, height_;
    const float* table_;      // light of codes
    std::size_t latest_ = 0;  // of `blobs`
};

}  // namespace

void Evidence::add(const Evidence& more) {
    for (std::size_t c = 0; c < 3; ++c) {
        Rim& rim = rims[c];
        const Rim& other = more.rims[c];
        rim.area += other.area;
        rim.perimeter += other.perimeter;
        rim.sides += other.sides;
        rim.telling += other.telling;
        rim.pixels += other.pixels;
        rim.seen += other.seen;
        rim.behind += other.behind;
        rim.spill += other.spill;
        behind[c] += more.behind[c];
        excess[c] += more.excess[c];
        for (std::size_t o = 0; o < 3; ++o) {
            open[c][o] += more.open[c][o];
            open_light[c][o] += more.open_light[c][o];
        }
    }
    clear += more.clear;
}

std::vector<Evidence> weigh_rims(const Picture& picture, const Clipped& clipped) {
    std::vector<Evidence> all(clipped.blobs);
    const auto height = static_cast<std::size_t>(picture.height);
    const std::size_t bands = (height + band_rows - 1) / band_rows;
    std::vector<std::vector<std::uint32_t>> blobs(bands);
    std::vector<std::vector<Evidence>> parts(bands);
    parallel_for(bands, 1, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            Weighing weighing(picture, clipped, i * band_rows, std::min(height, (i + 1) * band_rows));
            blobs[i] = std::move(weighing.blobs);
            parts[i] = std::move(weighing.evidence);
        }
    });
    for (std::size_t i = 0; i < bands; ++i) {
        for (std::size_t k = 0; k < blobs[i].size(); ++k) all[blobs[i][k]].add(parts[i][k]);
    }
    return all;
}

}  // namespace nearfar::effects
