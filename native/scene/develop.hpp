// From linear light to a picture: what a sensor adds, and the curve of a print.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace nearfar::scene {

struct Sensor {
    double exposure;   // linear light times this is 1 at the full well
    double electrons;  // of the full well; 0: a sensor without noise
    double read_noise; // electrons, standard deviation
    double vignetting; // light lost in the corners, 0..1
    std::uint64_t seed;
};

// Linear (height, width, 3) to sRGB codes. Shot and read noise are normal, drawn by a hash of seed and sample: the
// same for every number of threads.
void develop(const float* linear, std::size_t height, std::size_t width, const Sensor& sensor, std::uint8_t* out);

// Rows `first` up to `last` of such a picture, on this thread: `linear` and `out` are theirs alone.
void develop_some(const float* linear, std::size_t height, std::size_t width, std::size_t first, std::size_t last,
                  const Sensor& sensor, std::uint8_t* out);

}  // namespace nearfar::scene
