// What of some bytes was there before: the first half of deflate (RFC 1951).
//
//     … a b c d e f a b c d a …   ──▶   a, b, c, d, e, f, (4 bytes of 6 before), a
//
// A match is looked for where the last two places with the same four bytes lie, and taken where it costs less than
// its bytes by themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nearfar::depth {

constexpr std::size_t shortest_match = 4, longest_match = 258, furthest_match = 32768;

// One byte; or `length` bytes as they were `distance` before.
struct Token {
    static constexpr std::size_t kinds = 256 + longest_match + 1;

    std::uint16_t kind;      // the byte, or 256 + length
    std::uint16_t distance;  // 0 for a byte
};

class Matcher {
public:
    Matcher(const std::uint8_t* data, std::size_t count);

    bool at_end() const noexcept { return place_ == count_; }

    // Gives the next tokens, at most `most`. `byte_cost` is what a byte by itself costs there, eighths of a bit.
    std::size_t read(Token* out, std::size_t most, std::size_t byte_cost) noexcept;

private:
    struct Match {
        std::size_t length, distance;
    };

    // The last two places with bytes of one hash, as far as 32 bits tell: whether they match is looked up.
    struct Places {
        std::uint32_t last, before;
    };

    Places kept(std::size_t place) noexcept;
    Match match_at(std::size_t place, std::uint32_t candidate) const noexcept;
    Match best_at(std::size_t place) noexcept;

    const std::uint8_t* data_;
    std::size_t count_, place_ = 0;
    std::vector<Places> table_;
};

}  // namespace nearfar::depth
