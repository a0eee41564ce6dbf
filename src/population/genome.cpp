#include "evoke/population/genome.hpp"

namespace evoke::population {

ContentHash content_hash(const Genome& genome) {
    ContentHasher hasher;
    hasher.field(genome.instruction);
    hasher.field(std::uint64_t{genome.demonstrations.size()});
    for (const ExampleId example : genome.demonstrations)
        hasher.field(std::uint64_t{example.value});
    hasher.field(std::uint64_t{genome.tokens.size()});
    for (const TokenId token : genome.tokens)
        hasher.field(static_cast<std::uint64_t>(static_cast<std::int64_t>(token)));
    return hasher.finish();
}

}  // namespace evoke::population
