#include "depth/frame_rows.hpp"

// The reverse of differences is a running sum: four or eight at a time where the compiler shuffles vectors.
#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define NEARFAR_SHUFFLES
#endif
#endif

namespace nearfar::depth::NEARFAR_LEVEL {
namespace {

template <class Sample>
inline Sample zigzag(Sample value, Sample before) noexcept {
    constexpr int bits = sizeof(Sample) * 8;
    const auto difference = static_cast<Sample>(value - before);
    const auto sign = static_cast<Sample>(difference >> (bits - 1));
    return static_cast<Sample>(static_cast<Sample>(difference << 1) ^ static_cast<Sample>(-sign));
}

template <class Sample>
inline Sample unzigzag(Sample folded) noexcept {
    const auto half = static_cast<Sample>(folded >> 1);
    return static_cast<Sample>(half ^ static_cast<Sample>(-static_cast<Sample>(folded & 1)));
}

// Split

constexpr std::size_t chunk = 2048;  // stays in the nearest cache between two loops

template <class Sample>
inline void split(const Sample* __restrict values, std::size_t count, Sample before, std::uint8_t* __restrict planes,
                  std::size_t stride) noexcept {
    Sample folded[chunk];
    for (std::size_t start = 0; start < count; start += chunk) {
        const std::size_t run = count - start < chunk ? count - start : chunk;
        const Sample* __restrict from = values + start;
        folded[0] = zigzag(from[0], before);
        for (std::size_t i = 1; i < run; ++i) folded[i] = zigzag(from[i], from[i - 1]);
        before = from[run - 1];
        for (std::size_t place = 0; place < sizeof(Sample); ++place) {
            std::uint8_t* __restrict plane = planes + place * stride + start;
            for (std::size_t i = 0; i < run; ++i) plane[i] = static_cast<std::uint8_t>(folded[i] >> (8 * place));
        }
    }
}

// Join

#ifdef NEARFAR_SHUFFLES
typedef std::uint16_t Eight __attribute__((vector_size(16)));
typedef std::uint32_t Four __attribute__((vector_size(16)));

inline Eight load(const std::uint16_t* from) noexcept {
    Eight v;
    __builtin_memcpy(&v, from, sizeof v);
    return v;
}
inline Four load(const std::uint32_t* from) noexcept {
    Four v;
    __builtin_memcpy(&v, from, sizeof v);
    return v;
}
inline Eight summed(Eight v) noexcept {
    const Eight zero{};
    v += __builtin_shufflevector(zero, v, 0, 8, 9, 10, 11, 12, 13, 14);
    v += __builtin_shufflevector(zero, v, 0, 1, 8, 9, 10, 11, 12, 13);
    return v + __builtin_shufflevector(zero, v, 0, 1, 2, 3, 8, 9, 10, 11);
}
inline Four summed(Four v) noexcept {
    const Four zero{};
    v += __builtin_shufflevector(zero, v, 0, 4, 5, 6);
    return v + __builtin_shufflevector(zero, v, 0, 1, 4, 5);
}
inline Eight last_of(Eight v) noexcept { return __builtin_shufflevector(v, v, 7, 7, 7, 7, 7, 7, 7, 7); }
inline Four last_of(Four v) noexcept { return __builtin_shufflevector(v, v, 3, 3, 3, 3); }
#endif

// Replaces differences by sums and gives the last one.
template <class Sample>
inline Sample sum_up(Sample* samples, std::size_t count, Sample before) noexcept {
    std::size_t i = 0;
#ifdef NEARFAR_SHUFFLES
    constexpr std::size_t lanes = 16 / sizeof(Sample);
    decltype(load(samples)) carried{};  // made without a look at samples: there may be less than a vector of them
    carried += before;
    for (; i + lanes <= count; i += lanes) {
        const auto sums = summed(load(samples + i)) + carried;
        __builtin_memcpy(samples + i, &sums, sizeof sums);
        carried = last_of(sums);
    }
    before = carried[0];
#endif
    for (; i < count; ++i) samples[i] = before = static_cast<Sample>(before + samples[i]);
    return before;
}

void join16(const std::uint8_t* __restrict planes, std::size_t stride, std::size_t count, std::uint16_t before,
            std::uint16_t* __restrict out) noexcept {
    for (std::size_t start = 0; start < count; start += chunk) {
        const std::size_t run = count - start < chunk ? count - start : chunk;
        const std::uint8_t* __restrict low = planes + start;
        const std::uint8_t* __restrict high = low + stride;
        std::uint16_t* __restrict to = out + start;
        for (std::size_t i = 0; i < run; ++i) to[i] = unzigzag(static_cast<std::uint16_t>(low[i] | high[i] << 8));
        before = sum_up(to, run, before);
    }
}

void join32(const std::uint8_t* __restrict planes, std::size_t stride, std::size_t count, std::uint32_t before,
            std::uint32_t* __restrict out) noexcept {
    for (std::size_t start = 0; start < count; start += chunk) {
        const std::size_t run = count - start < chunk ? count - start : chunk;
        const std::uint8_t* __restrict plane = planes + start;
        std::uint32_t* __restrict to = out + start;
        for (std::size_t i = 0; i < run; ++i) {
            const std::uint32_t low = plane[i] | static_cast<std::uint32_t>(plane[stride + i]) << 8;
            const std::uint32_t high = plane[2 * stride + i] | static_cast<std::uint32_t>(plane[3 * stride + i]) << 8;
            to[i] = unzigzag(low | high << 16);
        }
        before = sum_up(to, run, before);
    }
}

// CRC-32C: polynomial 0x1EDC6F41, reflected; begins and ends inverted (RFC 3720, appendix B.4)

#ifdef __SSE4_2__

std::uint32_t crc32c(std::uint32_t before, const std::uint8_t* data, std::size_t count) noexcept {
    std::uint64_t crc = ~before;
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        std::uint64_t eight;
        __builtin_memcpy(&eight, data + i, sizeof eight);
        crc = __builtin_ia32_crc32di(crc, eight);
    }
    auto rest = static_cast<std::uint32_t>(crc);
    for (; i < count; ++i) rest = __builtin_ia32_crc32qi(rest, data[i]);
    return ~rest;
}

#else

// after[k][b]: what byte b does to the CRC when k bytes follow it.
struct Tables {
    std::uint32_t after[8][256];
};

constexpr Tables make_tables() noexcept {
    Tables tables{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82F63B78U : 0U);
        tables.after[0][byte] = crc;
    }
    for (int k = 1; k < 8; ++k) {
        for (int byte = 0; byte < 256; ++byte) {
            const std::uint32_t crc = tables.after[k - 1][byte];
            tables.after[k][byte] = crc >> 8 ^ tables.after[0][crc & 255];
        }
    }
    return tables;
}

constexpr Tables tables = make_tables();

std::uint32_t crc32c(std::uint32_t before, const std::uint8_t* data, std::size_t count) noexcept {
    std::uint32_t crc = ~before;
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const std::uint8_t* at = data + i;
        crc = tables.after[7][at[0] ^ (crc & 255)] ^ tables.after[6][at[1] ^ (crc >> 8 & 255)] ^
              tables.after[5][at[2] ^ (crc >> 16 & 255)] ^ tables.after[4][at[3] ^ crc >> 24] ^
              tables.after[3][at[4]] ^ tables.after[2][at[5]] ^ tables.after[1][at[6]] ^ tables.after[0][at[7]];
    }
    for (; i < count; ++i) crc = crc >> 8 ^ tables.after[0][(crc ^ data[i]) & 255];
    return ~crc;
}

#endif

// Adler-32: a sum of bytes, and one of the sums that there were, both modulo 65521

std::uint32_t adler32(std::uint32_t before, const std::uint8_t* data, std::size_t count) noexcept {
    constexpr std::uint32_t prime = 65521;
    constexpr std::size_t most = 5552;  // bytes of 255 whose sum of sums has 32 bits
    std::uint32_t low = before & 0xFFFF, high = before >> 16;
    for (std::size_t start = 0; start < count; start += most) {
        const std::size_t run = count - start < most ? count - start : most;
        const std::uint8_t* __restrict from = data + start;
        std::uint32_t sum = 0, sums = 0;
        for (std::size_t i = 0; i < run; ++i) {
            sum += from[i];
            sums += static_cast<std::uint32_t>(run - i) * from[i];
        }
        const std::uint64_t all = high + std::uint64_t{low} * run + sums;
        high = static_cast<std::uint32_t>(all % prime);
        low = (low + sum) % prime;
    }
    return high << 16 | low;
}

}  // namespace

extern const FrameRows frame_rows;
const FrameRows frame_rows{split<std::uint16_t>, split<std::uint32_t>, join16, join32, crc32c, adler32};

}  // namespace nearfar::depth::NEARFAR_LEVEL
