// The entry point that libFuzzer calls. `FUZZ_TARGET` names the target; one that disagrees with its
// reference ends the process, which is how libFuzzer learns of it.
import Foundation
import FuzzSupport

private nonisolated(unsafe) var target: any FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
    guard let type = fuzzTargets.first(where: { $0.name == name }) else { fatalError("no target \(name)") }
    return type.init()
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    if let wrong = target.disagreement(input) {
        FileHandle.standardError.write(Data("DISAGREEMENT \(wrong)\nSEED \(Seeds.escape(input))\n".utf8))
        abort()
    }
    return 0
}
