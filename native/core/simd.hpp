// The SIMD level in force, and how a package picks its table of hot loops by it.
//
// A package keeps its hot loops in one source that is compiled once per level, each time inside a namespace named
// after the level (NEARFAR_LEVEL), and exports them there as one constant table:
//
//     namespace nearfar::depth::NEARFAR_LEVEL { extern const Rows rows; }
//
// Such a source includes no standard header with inline code: the linker might keep the copy that was compiled for
// the newest CPU, and an older one would die of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nearfar {

enum class Level { base, v3, v4 };  // x86-64-v3 (AVX2), x86-64-v4 (AVX-512); elsewhere base alone

// The levels that this build holds and this CPU runs, slowest first.
std::vector<std::string> simd_levels();

Level simd_level() noexcept;
std::string_view simd_level_name() noexcept;

// Throws std::invalid_argument for a name that simd_levels() does not list.
void set_simd_level(std::string_view name);

#ifdef NEARFAR_X86_LEVELS
template <class Table>
const Table& pick(const Table& base, const Table& v3, const Table& v4) noexcept {
    switch (simd_level()) {
        case Level::v4: return v4;
        case Level::v3: return v3;
        case Level::base: break;
    }
    return base;
}
#endif

}  // namespace nearfar
