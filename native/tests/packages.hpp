// What each package has to try, at the level and with the threads that are set. `kernels.cpp` calls them.
#pragma once

#include <cstddef>

namespace nearfar::tests {

// core
void try_callers();
void try_abandoned();

// depth
void try_codes(std::size_t count);
void try_frames(std::size_t count);
void try_maps(std::size_t height, std::size_t width);

// estimate
void try_completion(std::size_t height, std::size_t width);
void try_filters(std::size_t height, std::size_t width);
void try_pattern(std::size_t height, std::size_t width);
void try_pattern_light(std::size_t height, std::size_t width);
void try_stereo(std::size_t height, std::size_t width);

// effects
void try_lens_blur(std::size_t height, std::size_t width);
void try_wild_blur(std::size_t height, std::size_t width);
void try_measured_map(std::size_t height, std::size_t width);

// xr
void try_depth_buffers(std::size_t height, std::size_t width);

// photo
void try_streams(int mutations);

}  // namespace nearfar::tests
