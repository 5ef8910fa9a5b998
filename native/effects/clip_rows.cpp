#include "effects/clip_rows.hpp"

namespace nearfar::effects::NEARFAR_LEVEL {
namespace {

constexpr std::size_t block = 64;  // pixels that are passed over at once where none is clipped

template <class Sample>
Sample peak(const Sample* samples, std::size_t count) noexcept {
    Sample highest = 0;
    for (std::size_t i = 0; i < count; ++i) highest = samples[i] > highest ? samples[i] : highest;
    return highest;
}

template <class Sample>
bool mark(const Sample* __restrict samples, std::size_t count, Sample limit, std::uint8_t* __restrict marks) noexcept {
    bool any = false;
    for (std::size_t begin = 0; begin < count; begin += block) {
        const std::size_t end = begin + block < count ? begin + block : count;
        if (peak(samples + 3 * begin, 3 * (end - begin)) < limit) {
            for (std::size_t x = begin; x < end; ++x) marks[x] = 0;
            continue;
        }
        any = true;
        for (std::size_t x = begin; x < end; ++x) {
            const int red = samples[3 * x] >= limit ? 1 : 0, green = samples[3 * x + 1] >= limit ? 2 : 0;
            marks[x] = static_cast<std::uint8_t>(red | green | (samples[3 * x + 2] >= limit ? 4 : 0));
        }
    }
    return any;
}

}  // namespace

extern const ClipRows clip_rows;
const ClipRows clip_rows{mark<std::uint8_t>, mark<std::uint16_t>};

}  // namespace nearfar::effects::NEARFAR_LEVEL
