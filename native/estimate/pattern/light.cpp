#include "estimate/pattern/light.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "core/large_block.hpp"
#include "core/pool.hpp"
#include "estimate/pattern/light_rows.hpp"

namespace nearfar::pattern {
namespace {

constexpr std::size_t grain = 16;  // rows of pixels
constexpr float quarter = 0.25F;   // pixels from a pixel's middle to its samples

// Makes rows of samples, two for each row of pixels, blurred along x. Holds the scratch memory of one thread.
class Tracer {
public:
    Tracer(const Ground& ground, const Dots& dots, const Lamps& lamps, const Blur& blur)
        : ground_(ground),
          dots_(dots),
          lamps_(lamps),
          blur_(blur),
          pad_(std::max(blur.before, blur.weights.size())),
          buffer_(ground.width + 2 * reach, 0.0F) {
        const float hole = std::numeric_limits<float>::quiet_NaN();
        for (std::vector<float>& row : shifts_) row.assign(ground.width + 2, hole);
        for (std::vector<float>* row : {&inverse_, &down_, &across_, &wide_, &whole_, &gain_, &room_, &beyond_}) {
            row->resize(ground.width);
        }
        if (ground.surface == nullptr) white_.assign(ground.width, 1.0F);
        for (Half& half : halves_) {
            for (std::vector<float>* row : {&half.fine, &half.near, &half.nearest}) row->resize(ground.width);
            half.columns.resize(ground.width);
            half.light.resize(ground.width + 2 * pad_);
        }
        for (Ends* end : {&from_, &to_}) {
            for (std::vector<std::int32_t>* row : {&end->whole, &end->turn}) row->resize(ground.width);
            for (std::vector<std::uint32_t>* row : {&end->before, &end->after}) row->resize(ground.width);
            end->part.resize(ground.width);
        }
        shadows_.resize(ground.width);
    }

    // The rows begin … end − 1 of pixels: out (2·height, width), shadow (height, width).
    void trace(std::size_t begin, std::size_t end, float* out, bool* shadow) {
        const LightRows& level = light_rows();
        const std::size_t width = ground_.width;
        if (begin > 0) measure(begin - 1, shifts_[0], beyond_);
        else std::fill(shifts_[0].begin(), shifts_[0].end(), std::numeric_limits<float>::quiet_NaN());
        measure(begin, shifts_[1], beyond_);
        for (std::size_t y = begin; y < end; ++y) {
            std::swap(inverse_, beyond_);
            if (y + 1 < ground_.height) measure(y + 1, shifts_[2], beyond_);
            else std::fill(shifts_[2].begin(), shifts_[2].end(), std::numeric_limits<float>::quiet_NaN());
            const float* here = shifts_[1].data() + 1;
            level.slope(shifts_[0].data() + 1, here, shifts_[2].data() + 1, width, down_.data());
            level.slope(here - 1, here, here + 1, width, across_.data());
            level.cover(across_.data(), dots_.texels, width, wide_.data(), whole_.data());
            const float* surface = ground_.surface == nullptr ? white_.data() : ground_.surface + y * width;
            level.weigh(inverse_.data(), here, surface, lamps_.falls_off, lamps_.exposure, lamps_.ambient,
                        lamps_.down[y], lamps_.across, width, gain_.data(), room_.data());
            std::fill(shadows_.begin(), shadows_.end(), std::uint8_t{0});
            for (const std::size_t lower : {0U, 1U}) {
                light_up(2 * y + lower, lower == 0 ? -quarter : quarter, here);
                gather(out + (2 * y + lower) * width);
            }
            for (std::size_t x = 0; x < width; ++x) shadow[y * width + x] = shadows_[x] > 2;
            std::rotate(shifts_.begin(), shifts_.begin() + 1, shifts_.end());
        }
    }

private:
    static constexpr std::size_t reach = static_cast<std::size_t>(farthest) + 4;  // columns beside the picture

    // The samples at the left of their pixels' middles, or those at the right.
    struct Half {
        std::vector<float> fine, near, nearest, light;
        std::vector<std::int32_t> columns;
    };

    // Where the samples of a row begin in the pattern, or where they end.
    struct Ends {
        std::vector<std::int32_t> whole, turn;
        std::vector<float> part;
        std::vector<std::uint32_t> before, after;

        Spots spots() { return {whole.data(), part.data(), turn.data(), before.data(), after.data()}; }

        void pick(const std::uint32_t* sums) {
            for (std::size_t x = 0; x < whole.size(); ++x) {
                const std::uint32_t* at = sums + whole[x];
                before[x] = at[0];
                after[x] = at[1];
            }
        }
    };

    void measure(std::size_t y, std::vector<float>& shift, std::vector<float>& inverse) {
        light_rows().shift(ground_.values + y * ground_.width, ground_.is_depth, lamps_.pull, ground_.width,
                           inverse.data(), shift.data() + 1);
    }

    void light_up(std::size_t line, float below, const float* here) {
        const LightRows& level = light_rows();
        const std::size_t width = ground_.width;
        Span span{static_cast<std::int32_t>(width), 0};
        for (const std::size_t right : {0U, 1U}) {
            Half& half = halves_[right];
            const float beside = right == 0 ? -quarter : quarter;
            level.sample(here, down_.data(), across_.data(), below, beside, 0.5F + beside, width, half.fine.data(),
                         half.near.data(), half.columns.data(), span);
        }
        find_nearest(span);
        const PatternRow row{dots_.sums + line * (dots_.columns + 1), dots_.columns, dots_.texels};
        for (const std::size_t right : {0U, 1U}) {
            Half& half = halves_[right];
            float* light = half.light.data() + pad_;
            const float first = lamps_.first + 0.5F + (right == 0 ? -quarter : quarter);
            const Spots from = from_.spots(), to = to_.spots();
            level.spot(row, half.fine.data(), wide_.data(), first, width, from, to);
            from_.pick(row.sums);
            to_.pick(row.sums);
            level.project(row, from, to, whole_.data(), width, light);
            level.shine(gain_.data(), room_.data(), half.fine.data(), half.nearest.data(), across_.data(), width,
                        light, shadows_.data());
        }
    }

    // A z-buffer: of all samples in one column of the projector, how near the nearest is.
    void find_nearest(const Span& span) {
        float* buffer = buffer_.data() + reach;
        const std::size_t width = ground_.width;
        for (const Half& half : halves_) {
            for (std::size_t x = 0; x < width; ++x) {
                float& held = buffer[half.columns[x]];
                held = std::max(held, half.near[x]);
            }
        }
        for (Half& half : halves_) {
            for (std::size_t x = 0; x < width; ++x) half.nearest[x] = buffer[half.columns[x]];
        }
        std::fill(buffer + span.lowest, buffer + span.highest + 1, 0.0F);
    }

    // Both halves to pixels, blurred along x; the outermost samples go on beyond the edges.
    void gather(float* out) {
        const LightRows& level = light_rows();
        const std::size_t width = ground_.width;
        const float* left = halves_[0].light.data() + pad_;
        const float* right = halves_[1].light.data() + pad_;
        const float outermost[2] = {left[0], right[width - 1]};
        for (Half& half : halves_) {
            std::fill_n(half.light.begin(), pad_, outermost[0]);
            std::fill_n(half.light.end() - static_cast<std::ptrdiff_t>(pad_), pad_, outermost[1]);
        }
        for (std::size_t k = 0; k < blur_.weights.size(); ++k) {
            const std::ptrdiff_t by = static_cast<std::ptrdiff_t>(k) - static_cast<std::ptrdiff_t>(blur_.before);
            level.blend(left + by, right - by, blur_.weights[k], k == 0, width, out);
        }
    }

    const Ground& ground_;
    const Dots& dots_;
    const Lamps& lamps_;
    const Blur& blur_;
    std::size_t pad_;
    std::vector<float> buffer_;
    std::array<std::vector<float>, 3> shifts_;  // of the rows above, here and below, with a hole at either end
    std::vector<float> inverse_, beyond_, down_, across_, wide_, whole_, gain_, room_, white_;
    std::array<Half, 2> halves_;
    Ends from_, to_;
    std::vector<std::uint8_t> shadows_;
};

}  // namespace

void light(const Ground& ground, const Dots& dots, const Lamps& lamps, const Blur& blur, float* light, bool* shadow) {
    const std::size_t width = ground.width;
    const auto lines = static_cast<std::ptrdiff_t>(2 * ground.height);
    const LargeBlock<float> rows = large_block<float>(2 * ground.height * width);
    parallel_for(ground.height, grain, [&](std::size_t begin, std::size_t end) {
        Tracer(ground, dots, lamps, blur).trace(begin, end, rows.get(), shadow);
    });
    const LightRows& level = light_rows();
    const auto line = [&](std::ptrdiff_t at) {
        return rows.get() + static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(at, 0, lines - 1)) * width;
    };
    parallel_for(ground.height, grain, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            for (std::size_t k = 0; k < blur.weights.size(); ++k) {
                const std::ptrdiff_t by = 2 * (static_cast<std::ptrdiff_t>(k) - static_cast<std::ptrdiff_t>(blur.before));
                const auto upper = static_cast<std::ptrdiff_t>(2 * y);
                level.blend(line(upper + by), line(upper + 1 - by), blur.weights[k], k == 0, width, light + y * width);
            }
        }
    });
}

template <class Count>
void expose(const float* light, std::size_t height, std::size_t width, float read_noise, float full_well,
            std::uint64_t seed, Count* counts) {
    const LightRows& level = light_rows();
    parallel_for(height, grain, [&](std::size_t begin, std::size_t end) {
        std::vector<float> row(width);
        for (std::size_t y = begin; y < end; ++y) {
            level.expose(light + y * width, width, read_noise * read_noise, full_well,
                         static_cast<float>(std::numeric_limits<Count>::max()), seed, y * width, row.data());
            for (std::size_t x = 0; x < width; ++x) counts[y * width + x] = static_cast<Count>(row[x]);
        }
    });
}

template void expose(const float*, std::size_t, std::size_t, float, float, std::uint64_t, std::uint8_t*);
template void expose(const float*, std::size_t, std::size_t, float, float, std::uint64_t, std::uint16_t*);

}  // namespace nearfar::pattern
