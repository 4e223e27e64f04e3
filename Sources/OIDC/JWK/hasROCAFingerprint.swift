/// Whether a modulus has the structure of keys from the Infineon generator of CVE-2017-15361
/// ("ROCA", Nemec et al., CCS 2017), whose factors can be computed from the public key.
///
/// The primes of that generator are 65537^a mod M plus a multiple of M, for an M that is a product
/// of small primes. So the modulus is a power of 65537 modulo each of them. A sound modulus has
/// that property for all primes of this list with a probability of about 2^-27.
func hasROCAFingerprint(modulus: [UInt8]) -> Bool {
    rocaPowers.allSatisfy { prime, powers in
        powers.contains(modulus.reduce(UInt32(0)) { ($0 << 8 | UInt32($1)) % prime })
    }
}

/// For each small prime, the powers of 65537 modulo it. Primes of which every residue is a power
/// would say nothing, and are left out.
private let rocaPowers: [(prime: UInt32, powers: Set<UInt32>)] =
    ([
        11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157,
    ] as [UInt32]).map { prime in
        var powers: Set<UInt32> = []
        var power: UInt32 = 1
        while powers.insert(power).inserted { power = power * 65_537 % prime }
        return (prime, powers)
    }
