// Drives every kernel without Python, so that sanitizers see them: sizes around chunk and vector limits, several
// threads, every SIMD level, and mutated lossless JPEG streams. Prints a line and returns 0 when all laws hold.
//
//     cmake -S . -B build/sanitize -DNEARFAR_PYTHON=OFF -DNEARFAR_TESTS=ON -DNEARFAR_SANITIZE=address,undefined
//     cmake --build build/sanitize && build/sanitize/native_tests
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/interrupt.hpp"
#include "core/pool.hpp"
#include "core/simd.hpp"
#include "depth/codes.hpp"
#include "depth/fill.hpp"
#include "depth/frame_body.hpp"
#include "depth/frame_rows.hpp"
#include "depth/resample.hpp"
#include "effects/gain.hpp"
#include "effects/grain.hpp"
#include "effects/highlights.hpp"
#include "effects/lens_blur.hpp"
#include "estimate/completion/complete.hpp"
#include "estimate/completion/guide.hpp"
#include "estimate/completion/upsample.hpp"
#include "estimate/filters/blocks.hpp"
#include "estimate/filters/disparity.hpp"
#include "estimate/filters/guided.hpp"
#include "estimate/filters/spatial.hpp"
#include "estimate/filters/speckles.hpp"
#include "estimate/filters/temporal.hpp"
#include "estimate/pattern/known.hpp"
#include "estimate/pattern/light.hpp"
#include "estimate/pattern/measure.hpp"
#include "estimate/pattern/normalise.hpp"
#include "estimate/pattern/refine.hpp"
#include "estimate/pattern/search.hpp"
#include "estimate/stereo/match.hpp"
#include "photo/lossless_jpeg.hpp"

namespace {

using namespace nearfar;

void require(bool law, const char* what) {
    if (law) return;
    std::fprintf(stderr, "violated: %s\n", what);
    std::exit(1);
}

std::mt19937 random_bits(7);  // seeded: every run is the same

std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_bits); }

// Exactly sized heap blocks, so that a sanitizer sees the first byte beyond.
template <class T>
std::unique_ptr<T[]> block(std::size_t count) {
    return std::unique_ptr<T[]>(new T[count]);
}

std::unique_ptr<float[]> map_with_holes(std::size_t count) {
    auto values = block<float>(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t kind = below(20);
        values[i] = kind < 6    ? std::numeric_limits<float>::quiet_NaN()
                    : kind == 6 ? std::numeric_limits<float>::infinity()
                                : static_cast<float>(below(1000)) / 100.0F;
    }
    return values;
}

void try_codes(std::size_t count) {
    const auto bytes = block<std::uint8_t>(count);
    const auto words = block<std::uint16_t>(count);
    const auto floats = block<float>(count);
    const auto again = block<std::uint8_t>(count);
    for (std::size_t i = 0; i < count; ++i) {
        bytes[i] = static_cast<std::uint8_t>(below(256));
        words[i] = static_cast<std::uint16_t>(below(65536));
    }
    depth::decode_codes(words.get(), count, {100, 60000, 0.5, 4.5}, floats.get());
    depth::decode_codes(bytes.get(), count, {0, 255, 0.5, 4.5}, floats.get());
    depth::encode_codes(floats.get(), count, 0.5, 4.5, again.get());
    require(std::memcmp(bytes.get(), again.get(), count) == 0, "codes survive the way through floats");
    const auto holes = map_with_holes(count);
    depth::encode_codes(holes.get(), count, -1e30, 1e30, again.get());
    depth::encode_codes(holes.get(), count, 1, 1, again.get());
}

void try_maps(std::size_t height, std::size_t width) {
    const auto values = map_with_holes(height * width);
    const auto filled = block<float>(height * width);
    depth::fill_holes(values.get(), height, width, filled.get());
    for (std::size_t i = 0; i < height * width; ++i) {
        require(std::isnan(values[i]) || values[i] == filled[i], "filling leaves values alone");
    }
    for (const depth::Resampling method : {depth::Resampling::linear, depth::Resampling::nearest}) {
        const depth::Size larger{height * 2 + 1, width * 3};
        const depth::Size smaller{(height + 2) / 3, (width + 1) / 2};
        for (const depth::Size to : {depth::Size{1, 1}, {height, width}, larger, smaller}) {
            const auto out = block<float>(to.height * to.width);
            depth::resample(values.get(), {height, width}, out.get(), to, method);
        }
    }
}

// The bodies of coded frames: there and back, and of any bytes; by way of a palette where there are few values.
void try_frames(std::size_t count) {
    const auto words = block<std::uint16_t>(count), words_again = block<std::uint16_t>(count);
    const auto longs = block<std::uint32_t>(count), longs_again = block<std::uint32_t>(count);
    const std::size_t values = below(2) == 0 ? 65536 : 1 + count / 128;
    for (std::size_t i = 0; i < count; ++i) {
        words[i] = static_cast<std::uint16_t>(below(values) * (65536 / values));
        longs[i] = static_cast<std::uint32_t>(random_bits());
    }
    const std::vector<std::uint16_t> palette = depth::palette_of(words.get(), count);
    const std::size_t length = 2 * (count + palette.size());
    const auto body = block<std::uint8_t>(length), wide = block<std::uint8_t>(4 * count);
    depth::write_body(words.get(), count, palette, body.get());
    depth::read_body(body.get(), count, palette.size(), words_again.get());
    require(std::memcmp(words.get(), words_again.get(), 2 * count) == 0, "16-bit frames come back");
    depth::write_body(longs.get(), count, wide.get());
    depth::read_body(wide.get(), count, longs_again.get());
    require(std::memcmp(longs.get(), longs_again.get(), 4 * count) == 0, "32-bit frames come back");
    const std::uint32_t sum = depth::frame_rows().crc32c(0, body.get(), length);
    const std::size_t cut = below(length + 1);
    const std::uint32_t first = depth::frame_rows().crc32c(0, body.get(), cut);
    require(depth::frame_rows().crc32c(first, body.get() + cut, length - cut) == sum, "sums of pieces are one sum");
    for (std::size_t i = 0; i < length; ++i) body[i] = static_cast<std::uint8_t>(below(256));
    try {
        depth::read_body(body.get(), count, palette.size(), words_again.get());
    } catch (const std::invalid_argument&) {
        require(!palette.empty(), "without a palette any body is a frame");
    }
}

// A map enlarged onto grids that fit a guide, that lie beyond it and that are denser than it; and points, of which
// some lie outside of the picture and some on one another.
void try_completion(std::size_t height, std::size_t width) {
    const std::size_t count = height * width;
    const auto values = map_with_holes(count);
    const auto confidence = block<float>(count);
    for (std::size_t i = 0; i < count; ++i) confidence[i] = 0.5F;
    const std::size_t high = height * 2 + 1, wide = width * 3;
    const auto pixels = block<std::uint8_t>(high * wide * 3);
    for (std::size_t i = 0; i < high * wide * 3; ++i) pixels[i] = static_cast<std::uint8_t>(below(256));
    const completion::Guide guide{pixels.get(), high, wide};
    const auto colours = block<float>(count * 3);
    const auto out = block<float>(high * wide);
    const auto trust = block<float>(high * wide);
    for (const auto& [first, step] : {std::pair{1.5, 3.0}, std::pair{0.5, 2.0}, std::pair{-40.0, 0.25}}) {
        const completion::Grid grid{{height, first, step}, {width, first, step}};
        completion::sample_guide(guide, grid, 0.625, colours.get());
        completion::upsample(guide, grid, {values.get(), confidence.get(), colours.get(), step > 2.0}, 0.1, out.get(),
                             trust.get());
    }
    std::vector<double> x, y, z;
    for (std::size_t i = 0; i < 40; ++i) {
        x.push_back(static_cast<double>(below(wide * 2)) / 1.5 - 1.0);
        y.push_back(static_cast<double>(below(high * 2)) / 1.5 - 1.0);
        z.push_back(static_cast<double>(below(9)));
    }
    const auto dense = block<double>(count);
    for (const std::size_t points : {std::size_t{1}, std::size_t{2}, std::size_t{40}}) {
        completion::complete({colours.get(), height, width}, {x.data(), y.data(), z.data(), points}, 0.1, dense.get(),
                             trust.get());
        for (std::size_t i = 0; i < count; ++i) require(std::isfinite(dense[i]), "completion leaves no hole");
    }
}

// Every filter on a map of a size: results are not looked at but for what must be there, memory is.
void try_filters(std::size_t height, std::size_t width) {
    const std::size_t count = height * width;
    const auto floats = map_with_holes(count);
    const auto depths = block<std::uint16_t>(count);
    const auto colors = block<std::uint8_t>(count * 3);
    for (std::size_t i = 0; i < count; ++i) depths[i] = static_cast<std::uint16_t>(below(5) == 0 ? 0 : below(2000));
    for (std::size_t i = 0; i < count * 3; ++i) colors[i] = static_cast<std::uint8_t>(below(256));
    const auto out = block<float>(count);
    const auto depths_out = block<std::uint16_t>(count);
    const filters::Spatial spatial{2, {0.5F, 20.0F}, 4};
    filters::smooth_map(floats.get(), height, width, spatial, true, out.get());
    filters::smooth_map(depths.get(), height, width, spatial, depths_out.get());
    const auto history = block<std::uint8_t>(count);
    std::memset(history.get(), 255, count);
    for (int mode = 0; mode <= 8; ++mode) {
        const filters::Belief belief = filters::belief_of(mode);
        filters::blend_frame(floats.get(), count, {0.4F, 20.0F}, belief, false, out.get(), history.get(),
                             map_with_holes(count).get());
    }
    filters::disparity_of(depths.get(), count, 6e5F, out.get());
    filters::depth_of(out.get(), count, 6e5F, depths_out.get());
    require(std::memcmp(depths.get(), depths_out.get(), count * 2) == 0, "depth survives the way through disparity");
    for (const filters::Fill how : {filters::Fill::left, filters::Fill::largest, filters::Fill::smallest}) {
        filters::fill_map(depths_out.get(), height, width, how);
        filters::fill_map(out.get(), height, width, how, true);
    }
    for (std::size_t scale = 1; scale <= 5 && scale <= std::min(height, width); ++scale) {
        const auto small = block<std::uint16_t>((height / scale + 1) * (width / scale + 2));
        filters::decimate_map(depths.get(), {height, width, scale}, small.get(), height / scale + 1, width / scale + 2);
    }
    filters::remove_speckles(floats.get(), height, width, 5, 1.0F, true, out.get());
    filters::remove_speckles(depths.get(), height, width, count, 1.0F, depths_out.get());
    filters::interpolate_frames(floats.get(), out.get(), floats.get(), count, 0.5F, block<float>(count).get());
    const filters::Shape shape{height, width};
    filters::guided_filter(floats.get(), colors.get(), shape, 3, 65.0, out.get());
    filters::joint_bilateral(floats.get(), colors.get(), shape, 2, 15.0, 3.0, out.get());
    for (const std::size_t size : {3U, 5U}) filters::median_filter(floats.get(), shape, size, out.get());
}

// A random pattern, and a picture that shows it three pixels aside, with ends of the range beyond the reference.
void try_pattern(std::size_t height, std::size_t width) {
    const std::size_t wide = width + 7;
    const auto dots = block<std::uint16_t>(height * wide);
    const auto seen = block<std::uint16_t>(height * width);
    for (std::size_t i = 0; i < height * wide; ++i) {
        dots[i] = static_cast<std::uint16_t>(below(5) == 0 ? 200 : below(20));
    }
    for (std::size_t y = 0; y < height; ++y) {
        for (std::size_t x = 0; x < width; ++x) seen[y * width + x] = dots[y * wide + x + 4];
    }
    const auto image = block<std::int16_t>(height * width);
    const auto reference = block<std::int16_t>(height * wide);
    pattern::normalise(seen.get(), height, width, image.get());
    pattern::normalise(dots.get(), height, wide, reference.get());
    for (const std::ptrdiff_t most : {0, 3, 40}) {
        const pattern::Known known(reference.get(), {height, width, wide, 7, -5, most});
        const auto found = block<std::uint16_t>(pattern::block_rows(height) * width);
        const auto shifts = block<float>(height * width);
        const auto peaks = block<float>(height * width);
        pattern::search(image.get(), known, found.get());
        pattern::refine(image.get(), known, found.get(), shifts.get(), peaks.get());
        const auto depth = block<float>(height * width), confidence = block<float>(height * width);
        pattern::measure(shifts.get(), peaks.get(), height, width, {-5.0F, 40.0F, 0.3F, 43.5F, 0.5F}, depth.get(),
                         confidence.get());
        const std::size_t middle = height / 2 * width + width / 2;
        if (most >= 3 && height > 20 && width > 20) {
            require(std::fabs(shifts[middle] - 3.0F) < 0.1F && peaks[middle] > 0.9F, "a pattern is found");
        }
    }
}

// Light on a map whose values reach from behind infinity to beyond any projector's reach.
void try_pattern_light(std::size_t height, std::size_t width) {
    const auto values = map_with_holes(height * width);
    for (std::size_t i = 0; i < height * width; ++i) {
        if (below(9) == 0) values[i] = below(2) == 0 ? -1.0F : 8192.0F / 43.5F;
    }
    const std::size_t columns = 2 * width + 1;
    const auto sums = block<std::uint32_t>(2 * height * (columns + 1));
    for (std::size_t i = 0; i < 2 * height * (columns + 1); ++i) sums[i] = static_cast<std::uint32_t>(i << 19U);
    const auto down = block<float>(height), across = block<float>(width), weights = block<float>(6);
    std::fill_n(down.get(), height, 0.1F);
    std::fill_n(across.get(), width, 1.0F);
    std::fill_n(weights.get(), 6, 1.0F / 12.0F);
    const auto light = block<float>(height * width);
    const auto shadow = block<bool>(height * width);
    const auto counts = block<std::uint8_t>(height * width);
    for (const float pull : {43.5F, -43.5F, 1e30F}) {
        for (const bool is_depth : {false, true}) {
            pattern::light({values.get(), is_depth, nullptr, height, width}, {sums.get(), columns, 2.0F},
                           {pull, -7.0F, is_depth, 0.8F, 0.1F, down.get(), across.get()}, {{weights.get(), 6}, 2},
                           light.get(), shadow.get());
            pattern::expose(light.get(), height, width, 0.02F, 2500.0F, 7, counts.get());
            for (std::size_t i = 0; i < height * width; ++i) {
                require(light[i] >= -1e-3F && light[i] < 1e30F, "light is finite");
            }
        }
    }
}

template <class Sample>
void try_stereo(std::size_t height, std::size_t width, std::size_t channels) {
    const std::size_t count = height * width;
    const auto left = block<Sample>(count * channels), right = block<Sample>(count * channels);
    for (std::size_t i = 0; i < count * channels; ++i) {
        left[i] = static_cast<Sample>(below(std::size_t{1} << 8 * sizeof(Sample)));
        // Half of it shifted, half of it another picture.
        right[i] = i >= 5 * channels && i % 64 < 32 ? left[i - 5 * channels] : static_cast<Sample>(below(200));
    }
    const estimate::PictureSize size{height, width};
    const auto shift = block<float>(count);
    const auto state = block<std::uint8_t>(count), confidence = block<std::uint8_t>(count);
    using estimate::Effort;
    for (const Effort effort : {Effort::fast, Effort::standard, Effort::best}) {
        for (const std::size_t shifts : {std::size_t{1}, std::size_t{2}, width, std::size_t{70}}) {
            estimate::match_stereo({left.get(), size, channels}, {right.get(), size, channels}, shifts, effort,
                                   {shift.get(), state.get(), confidence.get()});
            const auto most = static_cast<float>(shifts - 1);
            for (std::size_t i = 0; i < count; ++i) {
                require(shift[i] >= 0 && shift[i] <= most, "shifts keep their range");
            }
        }
    }
}

// Pictures of every coding, with edges, blurred by radii from a part of a pixel to many times the picture's size.
template <class Sample>
void try_lens_blur(effects::Coding coding, std::size_t height, std::size_t width) {
    const std::size_t count = height * width;
    const auto samples = block<Sample>(3 * count), out = block<Sample>(3 * count);
    const auto disparity = block<float>(count);
    for (std::size_t i = 0; i < 3 * count; ++i) samples[i] = static_cast<Sample>(below(256));
    const std::size_t card = 1 + below(width);
    for (std::size_t i = 0; i < count; ++i) {
        disparity[i] = i % width / card % 2 == 0 ? static_cast<float>(i / width) / static_cast<float>(height) : 1.5F;
    }
    const effects::Picture picture{samples.get(), coding, static_cast<effects::Index>(width),
                                   static_cast<effects::Index>(height)};
    for (const float strength : {0.3F, 4.0F, 30.0F, 300.0F, 1e9F}) {
        const auto effort = static_cast<effects::Effort>(below(3));
        const effects::Aperture aperture{below(2) == 0 ? 0 : 5, 0.3, 0.5, below(2) == 0 ? 0.0 : 1.0};
        effects::lens_blur(picture, disparity.get(), {static_cast<float>(below(3)) * 0.5F, strength}, aperture, effort,
                           effects::Progress(nullptr), out.get());
    }
}

void try_lens_blur(std::size_t height, std::size_t width) {
    try_lens_blur<std::uint8_t>(effects::Coding::bytes, height, width);
    try_lens_blur<std::uint16_t>(effects::Coding::words, height, width);
    try_lens_blur<float>(effects::Coding::floats, height, width);
}

// Depth as no camera gives it: an edge at every pixel, values of any size; with lamps, gains and grain.
template <class Sample>
void try_wild_blur(effects::Coding coding, std::size_t height, std::size_t width) {
    const std::size_t count = height * width;
    const auto samples = block<Sample>(3 * count), out = block<Sample>(3 * count);
    const auto disparity = block<float>(count), light = block<float>(3 * count);
    constexpr float infinity = std::numeric_limits<float>::infinity();
    for (std::size_t i = 0; i < 3 * count; ++i) {
        samples[i] = below(3) == 0 ? static_cast<Sample>(~std::uint16_t{0}) : static_cast<Sample>(below(65536));
    }
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t kind = below(40);
        disparity[i] = kind == 0 ? infinity : kind == 1 ? -infinity : static_cast<float>(below(2000)) / 1000.0F - 0.5F;
    }
    const auto gains = block<float>(3 * 35);
    for (std::size_t i = 0; i < 3 * 35; ++i) gains[i] = static_cast<float>(1 + below(8)) / 8.0F;
    const effects::Dimming dimming{gains.get(), gains.get(), 7, 5};
    effects::Picture picture{samples.get(), coding, static_cast<effects::Index>(width), static_cast<effects::Index>(height)};
    const effects::Highlights highlights = effects::find_highlights(picture);
    for (const auto& [blades, cats_eye] : {std::pair{0, 0.0}, {3, 1.0}, {64, 0.4}}) {
        const effects::Focus focus{below(4) == 0 ? -3.0F : 0.5F, std::ldexp(1.0F, static_cast<int>(below(8)) - 1)};
        picture.highlights = below(2) == 0 ? &highlights : nullptr;
        picture.dimming = below(2) == 0 ? &dimming : nullptr;
        effects::lens_blur(picture, disparity.get(), focus, {blades, static_cast<double>(below(7)), 0.0, cats_eye},
                           static_cast<effects::Effort>(below(3)), effects::Progress([](double) {}), out.get());
        effects::Grain grain{{}, static_cast<float>(below(2)), 0.5F};
        for (auto& channel : grain.strength) channel.fill(0.1F);
        effects::add_grain(picture, disparity.get(), focus, grain, out.get());
    }
    picture.dimming = nullptr;
    effects::recover_highlights(picture, light.get());
}

void try_wild_blur(std::size_t height, std::size_t width) {
    try_wild_blur<std::uint8_t>(effects::Coding::bytes, height, width);
    try_wild_blur<std::uint16_t>(effects::Coding::words, height, width);
    try_wild_blur<float>(effects::Coding::floats, height, width);
}

void try_settings() {
    for (const std::string& level : simd_levels()) {
        set_simd_level(level);
        set_thread_count(3);
        for (const depth::Size size : {depth::Size{1, 1}, {1, 70}, {70, 1}, {65, 63}}) try_wild_blur(size.height, size.width);
        for (const int threads : {1, 3}) {
            set_thread_count(threads);
            for (const std::uint32_t count : {1U, 2U, 7U, 8U, 31U, 64U, 65U, 1000U, (1U << 20) + 3}) try_codes(count);
            for (const std::uint32_t count : {1U, 2U, 7U, 8U, 9U, 31U, 640U, 2047U, 2049U, 50000U}) try_frames(count);
            for (const depth::Size size : {depth::Size{1, 1}, {1, 17}, {17, 1}, {63, 65}, {64, 64}, {130, 129}}) {
                try_maps(size.height, size.width);
                try_filters(size.height, size.width);
                try_pattern(size.height, size.width);
                try_pattern_light(size.height, size.width);
                try_completion(size.height, size.width);
                try_stereo<std::uint8_t>(size.height, size.width, 3);
                try_stereo<std::uint16_t>(size.height, size.width, 1);
                try_lens_blur(size.height, size.width);
            }
        }
    }
}

void try_callers() {
    std::vector<std::thread> callers;
    const auto codes = block<std::uint16_t>(3 << 20);
    std::memset(codes.get(), 1, (3 << 20) * sizeof(std::uint16_t));
    for (int i = 0; i < 4; ++i) {
        callers.emplace_back([&] {
            const auto out = block<float>(3 << 20);
            for (int turn = 0; turn < 5; ++turn) depth::decode_codes(codes.get(), 3 << 20, {0, 65535, 0, 1}, out.get());
        });
    }
    for (int i = 1; i < 5; ++i) set_thread_count(i);
    for (std::thread& caller : callers) caller.join();
    bool refused = false;
    try {
        parallel_for(8, 1, [](std::size_t, std::size_t) { parallel_for(8, 1, [](std::size_t, std::size_t) {}); });
    } catch (const std::logic_error&) {
        refused = true;
    }
    require(refused, "a job within a job is refused");
}

// When one chunk fails, others that poll do not run to their end.
void try_abandoned() {
    set_thread_count(2);
    std::atomic<bool> patient{false};
    bool failed = false;
    try {
        parallel_for(2, 1, [&](std::size_t begin, std::size_t) {
            if (begin == 0) throw std::runtime_error("this chunk fails");
            for (int i = 0; i < 1 << 28; ++i) poll_interrupt();
            patient = true;
        });
    } catch (const std::runtime_error&) {
        failed = true;
    }
    require(failed && !patient, "a failed job is abandoned");
}

std::vector<std::uint8_t> mutated(std::vector<std::uint8_t> stream) {
    for (std::size_t edits = 1 + below(4); edits > 0 && !stream.empty(); --edits) {
        const std::size_t at = below(below(2) == 0 ? stream.size() : std::min<std::size_t>(stream.size(), 100));
        const auto place = stream.begin() + static_cast<std::ptrdiff_t>(at);
        switch (below(4)) {
            case 0: stream[at] = static_cast<std::uint8_t>(below(256)); break;
            case 1: stream[at] = below(2) == 0 ? 0xFF : 0x00; break;
            case 2: stream.erase(place); break;
            default: stream.insert(place, static_cast<std::uint8_t>(below(256)));
        }
    }
    return stream;
}

void try_streams(int mutations) {
    std::vector<std::vector<std::uint8_t>> streams;
    for (int predictor = 1; predictor <= 7; ++predictor) {
        const std::size_t height = 1 + below(40);
        const std::size_t width = 1 + below(40);
        const auto samples = block<std::uint16_t>(height * width);
        for (std::size_t i = 0; i < height * width; ++i) {
            samples[i] = static_cast<std::uint16_t>(below(2) == 0 ? 16384 + below(64) : below(65536));
        }
        streams.push_back(photo::encode_lossless_jpeg(samples.get(), height, width, predictor));
        const photo::LosslessPicture picture =
            photo::decode_lossless_jpeg(streams.back().data(), streams.back().size(), 1 << 20);
        require(std::memcmp(picture.samples.data(), samples.get(), height * width * 2) == 0, "lossless is lossless");
    }
    int refused = 0;
    for (int i = 0; i < mutations; ++i) {
        const std::vector<std::uint8_t> changed = mutated(streams[below(streams.size())]);
        const auto exact = block<std::uint8_t>(changed.size());
        std::copy(changed.begin(), changed.end(), exact.get());
        try {
            photo::decode_lossless_jpeg(exact.get(), changed.size(), 1 << 20);
        } catch (const std::invalid_argument&) {
            ++refused;
        }
    }
    require(refused > mutations / 4, "mutations are refused");
}

}  // namespace

int main() {
    try_settings();
    try_callers();
    try_abandoned();
    try_streams(100000);
    std::puts("all kernels hold");
    return 0;
}
