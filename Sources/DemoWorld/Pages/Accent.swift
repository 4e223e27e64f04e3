/// The colour by which a site of the demo is told from the others.
enum Accent: String, Sendable, CaseIterable { case acme, initech, wiki, tickets }
