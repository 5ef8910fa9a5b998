#include "core/large_block.hpp"

#include <cstdlib>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace nearfar {
namespace {

constexpr std::size_t huge_page = std::size_t{1} << 21;
constexpr std::size_t cache_line = 64;

}  // namespace

namespace detail {

void* take_large_block(std::size_t bytes) {
#if defined(_WIN32)
    void* const block = _aligned_malloc(bytes + cache_line, cache_line);
    if (block == nullptr) throw std::bad_alloc();
#else
    const std::size_t unit = bytes >= huge_page ? huge_page : cache_line;
    void* const block = std::aligned_alloc(unit, (bytes / unit + 1) * unit);
    if (block == nullptr) throw std::bad_alloc();
#if defined(__linux__)
    if (unit == huge_page) madvise(block, (bytes / unit + 1) * unit, MADV_HUGEPAGE);  // a hint: its refusal is no fault
#endif
#endif
    return block;
}

}  // namespace detail

void FreeLargeBlock::operator()(void* block) const noexcept {
#if defined(_WIN32)
    _aligned_free(block);
#else
    std::free(block);
#endif
}

}  // namespace nearfar
