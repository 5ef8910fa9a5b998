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
    void* block = nullptr;
#if defined(_WIN32)
    block = _aligned_malloc(bytes + 1, cache_line);
#elif defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
    if (bytes >= huge_page) {
        const std::size_t whole = (bytes + huge_page - 1) / huge_page * huge_page;
        block = std::aligned_alloc(huge_page, whole);
        if (block != nullptr) madvise(block, whole, MADV_HUGEPAGE);  // a hint: its refusal is no fault
    }
#endif
#if !defined(_WIN32)
    // Of exactly this size, so that a sanitizer sees the first byte beyond.
    if (block == nullptr && posix_memalign(&block, cache_line, bytes + (bytes == 0)) != 0) block = nullptr;
#endif
    if (block == nullptr) throw std::bad_alloc();
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
