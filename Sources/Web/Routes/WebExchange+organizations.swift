import SignOn

/// The pages of the host of `external_url` that act on the sign-in of the browser.
extension WebExchange {
    func organizations() async -> WebResponse {
        switch await signOn.switcher(cookies: browser) {
        case .found(let switcher): return page(.organizations(switcher), status: 200)
        case .absent: return redirect(to: "/.gateway/sign-in")
        case .unknown: return problem(.unavailable)
        }
    }

    /// POST goes into another organization. GET, a reloaded address, only shows the choice.
    func exchange() async -> WebResponse {
        guard request.method == "POST" else { return redirect(to: "/.gateway/organizations") }
        guard comesFromOwnPage else { return answer(.refused(.forgedForm)) }
        guard let form, !["csrf_token", "return_to", "browser"].contains(where: form.isDuplicated),
            let organization = form.single("organization_id")
        else { return answer(.refused(.badParameter("organization_id"))) }
        return answer(
            await signOn.exchange(
                ExchangeForm(
                    organization: organization, csrfToken: form.single("csrf_token"), returnTo: form.single("return_to"),
                    browser: form.single("browser")), cookies: browser, context: context))
    }

    func sessions() async -> WebResponse {
        if request.method == "POST" { return await endSessions() }
        switch await signOn.sessionList(cookies: browser) {
        case .found(let list): return page(.sessions(list), status: 200)
        case .absent: return redirect(to: "/.gateway/sign-in")
        case .unknown: return problem(.unavailable)
        }
    }

    /// One of `device`, `others` and `everywhere`; a form that names several names none.
    private func endSessions() async -> WebResponse {
        guard comesFromOwnPage else { return answer(.refused(.forgedForm)) }
        guard let form else { return answer(.refused(.badParameter("form"))) }
        let named = form.pairs.filter { ["device", "others", "everywhere"].contains($0.name) }
        guard named.count == 1, let (name, value) = named.first else { return answer(.refused(.badParameter("device"))) }
        let ending: SessionEnding = name == "device" ? .device(value) : name == "others" ? .others : .everywhere
        return answer(
            await signOn.endSessions(ending, csrfToken: form.single("csrf_token"), cookies: browser, context: context))
    }

    func signedOut() async -> WebResponse {
        let changes = await signOn.signedOut(cookies: browser)
        var response = page(.signedOut, status: 200)
        response.headers += changes.map { ("Set-Cookie", cookies.text(of: $0)) }
        return response
    }
}
