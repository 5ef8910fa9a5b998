#include "core/large_block.hpp"

#include <cstdlib>
#include <mutex>
#include <new>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace nearfar {
namespace {

constexpr std::size_t huge_page = std::size_t{1} << 21;
constexpr std::size_t cache_line = 64;
constexpr std::size_t most_kept = std::size_t{96} << 20;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool keeps = false;  // a sanitizer is to see each block's end and its first use
#else
constexpr bool keeps = true;
#endif

// Each block begins with its size, a cache line before what the caller sees.
struct Header {
    std::size_t bytes;
};

void* obtain(std::size_t bytes) {
#if defined(_WIN32)
    return _aligned_malloc(bytes, cache_line);
#else
#if defined(__linux__)
    if (keeps && bytes >= huge_page) {
        const std::size_t whole = (bytes + huge_page - 1) / huge_page * huge_page;
        void* const block = std::aligned_alloc(huge_page, whole);
        if (block != nullptr) madvise(block, whole, MADV_HUGEPAGE);  // a hint: its refusal is no fault
        return block;
    }
#endif
    void* block = nullptr;
    return posix_memalign(&block, cache_line, bytes) == 0 ? block : nullptr;
#endif
}

void release(void* block) noexcept {
#if defined(_WIN32)
    _aligned_free(block);
#else
    std::free(block);
#endif
}

// Blocks that were given back, for the next call of the same kernel: the system would clear every page of them anew.
// Nobody waits for the lock: a child of fork() may find it held by a thread that it does not have.
class Kept {
public:
    Header* take(std::size_t bytes) {
        const std::unique_lock lock(mutex_, std::try_to_lock);
        if (!lock) return nullptr;
        for (std::size_t i = blocks_.size(); i-- > 0;) {
            Header* const block = blocks_[i];
            if (block->bytes < bytes || block->bytes > bytes + bytes / 4) continue;
            blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(i));
            total_ -= block->bytes;
            return block;
        }
        return nullptr;
    }

    bool give_back(Header* block) noexcept {
        const std::unique_lock lock(mutex_, std::try_to_lock);
        if (!lock || block->bytes > most_kept) return false;
        while (total_ + block->bytes > most_kept) {  // the oldest goes
            total_ -= blocks_.front()->bytes;
            release(blocks_.front());
            blocks_.erase(blocks_.begin());
        }
        try {
            blocks_.push_back(block);
        } catch (...) {
            return false;
        }
        total_ += block->bytes;
        return true;
    }

private:
    std::mutex mutex_;
    std::vector<Header*> blocks_;
    std::size_t total_ = 0;
};

Kept& kept() {
    static Kept* const blocks = new Kept;  // never destroyed: threads may end after main
    return *blocks;
}

}  // namespace

namespace detail {

void* take_large_block(std::size_t bytes) {
    if (bytes > static_cast<std::size_t>(-1) / 2) throw std::bad_alloc();
    Header* header = keeps && bytes >= huge_page / 4 ? kept().take(bytes) : nullptr;
    if (header == nullptr) {
        header = static_cast<Header*>(obtain(bytes + cache_line));
        if (header == nullptr) throw std::bad_alloc();
        header->bytes = bytes;
    }
    return reinterpret_cast<std::uint8_t*>(header) + cache_line;
}

}  // namespace detail

void FreeLargeBlock::operator()(void* block) const noexcept {
    auto* const header = reinterpret_cast<Header*>(static_cast<std::uint8_t*>(block) - cache_line);
    if (keeps && header->bytes >= huge_page / 4 && kept().give_back(header)) return;
    release(header);
}

}  // namespace nearfar
