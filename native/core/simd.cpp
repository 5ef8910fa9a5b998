#include "core/simd.hpp"

#include <array>
#include <atomic>
#include <stdexcept>

namespace nearfar {
namespace {

constexpr std::array<std::string_view, 3> names{"base", "v3", "v4"};

// Asks for what the compiler uses at that level beyond the level below; libgcc checks the system's support as well.
bool runs(Level level) noexcept {
    if (level == Level::base) return true;
#ifdef NEARFAR_X86_LEVELS
    __builtin_cpu_init();
    const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                    __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("fma");
    if (level == Level::v3) return v3;
    return v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
#else
    return false;
#endif
}

Level fastest() noexcept {
    if (runs(Level::v4)) return Level::v4;
    return runs(Level::v3) ? Level::v3 : Level::base;
}

std::atomic<Level>& current() noexcept {
    static std::atomic<Level> level{fastest()};
    return level;
}

}  // namespace

std::vector<std::string> simd_levels() {
    std::vector<std::string> found;
    for (const Level level : {Level::base, Level::v3, Level::v4}) {
        if (runs(level)) found.emplace_back(names[static_cast<std::size_t>(level)]);
    }
    return found;
}

Level simd_level() noexcept { return current().load(std::memory_order_relaxed); }

std::string_view simd_level_name() noexcept { return names[static_cast<std::size_t>(simd_level())]; }

void set_simd_level(std::string_view name) {
    for (const Level level : {Level::base, Level::v3, Level::v4}) {
        if (names[static_cast<std::size_t>(level)] == name && runs(level)) {
            current().store(level, std::memory_order_relaxed);
            return;
        }
    }
    std::string message = "SIMD level must be one of";
    for (const std::string& known : simd_levels()) message += " '" + known + "'";
    throw std::invalid_argument(message + " on this machine, not '" + std::string(name) + "'");
}

}  // namespace nearfar
