// Drives every kernel without Python, so that sanitizers see them: sizes around chunk and vector limits, several
// threads, every SIMD level, and mutated lossless JPEG streams. Prints a line and returns 0 when all laws hold.
//
//     cmake -S . -B build/sanitize -DNEARFAR_PYTHON=OFF -DNEARFAR_TESTS=ON -DNEARFAR_SANITIZE=address,undefined
//     cmake --build build/sanitize && build/sanitize/native_tests
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>

#include "core/pool.hpp"
#include "core/simd.hpp"
#include "depth/resample.hpp"
#include "tests/packages.hpp"

namespace nearfar::tests {
namespace {

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
                try_stereo(size.height, size.width);
                try_lens_blur(size.height, size.width);
                try_measured_map(size.height, size.width);
                try_depth_buffers(size.height, size.width);
            }
        }
    }
}

}  // namespace
}  // namespace nearfar::tests

int main() {
    nearfar::tests::try_settings();
    nearfar::tests::try_callers();
    nearfar::tests::try_abandoned();
    nearfar::tests::try_streams(100000);
    std::puts("all kernels hold");
    return 0;
}
