// What the tests of all packages share: a law that must hold, random data, and memory that ends where it says.
#pragma once

#include <cstddef>
#include <memory>
#include <random>

namespace nearfar::tests {

// Ends the program where a law is violated.
void require(bool law, const char* what);

// Seeded: every run is the same.
std::mt19937& random_bits();

std::size_t below(std::size_t end);

// Exactly sized heap blocks, so that a sanitizer sees the first byte beyond.
template <class T>
std::unique_ptr<T[]> block(std::size_t count) {
    return std::unique_ptr<T[]>(new T[count]);
}

std::unique_ptr<float[]> map_with_holes(std::size_t count);

}  // namespace nearfar::tests
