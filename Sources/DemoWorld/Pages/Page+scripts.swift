extension Page {
    /// Presses the button of a page that has nothing else to ask. Without scripts the person presses it.
    static let submitScript = """
        "use strict";
        const form = document.querySelector("form[data-submit]");
        if (form) form.submit();

        """

    /// Puts the gateway's CSRF token into the sign-out form. Without scripts the form stays hidden and
    /// the link to the gateway's own page stays.
    static let signOutScript = """
        "use strict";
        async function prepareSignOut() {
          const form = document.querySelector("form[data-sign-out]");
          const link = document.querySelector("a[data-sign-out]");
          if (!form || !link) return;
          const answer = await fetch("/.gateway/session", { headers: { accept: "application/json" } });
          if (!answer.ok) return;
          const session = await answer.json();
          if (typeof session.csrf_token !== "string") return;
          form.elements.csrf_token.value = session.csrf_token;
          form.hidden = false;
          link.hidden = true;
        }
        prepareSignOut().catch(() => {});

        """
}
