// Prefix codes as deflate has them (RFC 1951, 3.2.2): short ones for what comes often, none longer than a limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nearfar::depth {

struct PrefixCode {
    std::vector<std::uint8_t> lengths;  // 0: the symbol has no code
    std::vector<std::uint16_t> codes;   // with their bits in the order in which they are sent, the first one lowest
};

// The code for these frequencies. It is complete, as decoders ask: where fewer than two symbols occur, others get codes
// as well. There are at least two symbols, and no more than 2^longest.
PrefixCode prefix_code(const std::vector<std::uint32_t>& frequencies, unsigned longest);

}  // namespace nearfar::depth
