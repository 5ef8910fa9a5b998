// Memory for large scratch: in huge pages where the system gives them, so that kernels that walk it in long strides do
// not wait for page tables; and up to 96 MiB of it are kept for the next call, which would have them cleared anew.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace nearfar {

struct FreeLargeBlock {
    void operator()(void* block) const noexcept;
};

namespace detail {
void* take_large_block(std::size_t bytes);  // throws std::bad_alloc
}

template <class T>
using LargeBlock = std::unique_ptr<T[], FreeLargeBlock>;

// Uninitialised; aligned for any vector.
template <class T>
LargeBlock<T> large_block(std::size_t count) {
    return LargeBlock<T>(static_cast<T*>(detail::take_large_block(count * sizeof(T))));
}

}  // namespace nearfar
