#include "photo/huffman.hpp"

#include <algorithm>
#include <stdexcept>

namespace nearfar::photo {
HuffmanSpec optimal_code(const std::array<std::uint64_t, categories>& frequencies) {
    // T.81 K.2: one symbol more than there are, with the least frequency, takes the all-ones code.
    constexpr std::size_t reserved = categories;
    std::array<std::uint64_t, categories + 1> weight{};
    std::copy(frequencies.begin(), frequencies.end(), weight.begin());
    weight[reserved] = 1;
    std::array<int, categories + 1> bits{};
    std::array<int, categories + 1> next{};
    next.fill(-1);
    for (;;) {
        int least = -1;
        int second = -1;
        for (std::size_t i = weight.size(); i-- > 0;) {  // ties: the reserved symbol first, so that it lies deepest
            if (weight[i] == 0) continue;
            const int at = static_cast<int>(i);
            if (least < 0 || weight[i] < weight[static_cast<std::size_t>(least)]) {
                second = least;
                least = at;
            } else if (second < 0 || weight[i] < weight[static_cast<std::size_t>(second)]) {
                second = at;
            }
        }
        if (second < 0) break;
        weight[static_cast<std::size_t>(least)] += weight[static_cast<std::size_t>(second)];
        weight[static_cast<std::size_t>(second)] = 0;
        int tail = least;
        for (;; tail = next[static_cast<std::size_t>(tail)]) {
            ++bits[static_cast<std::size_t>(tail)];
            if (next[static_cast<std::size_t>(tail)] < 0) break;
        }
        next[static_cast<std::size_t>(tail)] = second;
        for (int at = second; at >= 0; at = next[static_cast<std::size_t>(at)]) ++bits[static_cast<std::size_t>(at)];
    }

    std::array<int, categories + 2> of_length{};  // 18 leaves are at most 17 deep
    for (const int length : bits) {
        if (length > 0) ++of_length[static_cast<std::size_t>(length)];
    }
    for (std::size_t length = of_length.size() - 1; length > 16; --length) {
        while (of_length[length] > 0) {  // figure K.3: a pair of too long codes moves up
            std::size_t shorter = length - 2;
            while (of_length[shorter] == 0) --shorter;
            of_length[length] -= 2;
            of_length[length - 1] += 1;
            of_length[shorter + 1] += 2;
            of_length[shorter] -= 1;
        }
    }
    std::size_t longest = 16;
    while (of_length[longest] == 0) --longest;
    --of_length[longest];  // the reserved code

    HuffmanSpec spec;
    for (std::size_t length = 1; length <= 16; ++length) {
        spec.counts[length - 1] = static_cast<std::uint8_t>(of_length[length]);
    }
    for (int length = 1; length <= static_cast<int>(categories) + 1; ++length) {
        for (std::size_t symbol = 0; symbol < categories; ++symbol) {
            if (bits[symbol] == length) spec.symbols.push_back(static_cast<std::uint8_t>(symbol));
        }
    }
    return spec;
}

HuffmanCodes assign_codes(const HuffmanSpec& spec) {
    HuffmanCodes codes;
    std::uint32_t code = 0;
    std::size_t index = 0;
    for (std::size_t length = 1; length <= 16; ++length, code <<= 1) {
        for (int k = 0; k < spec.counts[length - 1]; ++k, ++index, ++code) {
            codes.code[spec.symbols[index]] = static_cast<std::uint16_t>(code);
            codes.length[spec.symbols[index]] = static_cast<std::uint8_t>(length);
        }
    }
    return codes;
}

HuffmanDecoder::HuffmanDecoder(const HuffmanSpec& spec) : table_(std::size_t{1} << look_up_bits), symbols_(spec.symbols) {
    for (const std::uint8_t symbol : symbols_) {
        if (symbol >= categories) throw std::invalid_argument("a Huffman symbol is no difference category");
    }
    std::uint32_t code = 0;
    std::uint32_t index = 0;
    for (std::size_t length = 1; length <= 16; ++length, code <<= 1) {
        offset_[length] = static_cast<std::int32_t>(index) - static_cast<std::int32_t>(code);
        const std::uint32_t count = spec.counts[length - 1];
        if (code + count > (1U << length)) throw std::invalid_argument("the Huffman table is no prefix code");
        index += count;
        code += count;
        end_[length] = code << (16 - length);
    }
    if (index != symbols_.size()) throw std::invalid_argument("the Huffman table lacks symbols");
    for (std::size_t top = 0; top < table_.size(); ++top) {
        const Code found = find(static_cast<std::uint64_t>(top) << (64 - look_up_bits));
        if (found.length <= look_up_bits) table_[top] = found;
    }
}

HuffmanDecoder::Code HuffmanDecoder::find(std::uint64_t window) const noexcept {
    const auto top = static_cast<std::uint32_t>(window >> 48);
    for (std::size_t length = 1; length <= 16; ++length) {
        if (top >= end_[length]) continue;
        const auto code = static_cast<std::int32_t>(top >> (16 - length));
        return {symbols_[static_cast<std::size_t>(offset_[length] + code)], static_cast<std::uint8_t>(length)};
    }
    return {0, 0};
}

}  // namespace nearfar::photo
