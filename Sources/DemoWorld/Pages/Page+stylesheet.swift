extension Page {
    /// The one stylesheet. Colours are in custom properties, so that the dark scheme changes those alone.
    static let stylesheet = """
        :root {
          color-scheme: light dark;
          --ground: #f4f5f8; --surface: #ffffff; --line: #dcdfe6; --text: #1b1f29; --quiet: #596273;
          --accent: #3b5bdb; --accent-soft: #e7ecff; --on-accent: #ffffff;
          --good: #0b6b3a; --good-soft: #dff5e8; --bad: #a61b2b; --bad-soft: #fde6e8; --plain-soft: #eceef3;
        }
        .acme { --accent: #3b5bdb; --accent-soft: #e7ecff; }
        .initech { --accent: #0b7285; --accent-soft: #e0f4f7; }
        .wiki { --accent: #2b7a3d; --accent-soft: #e3f4e6; }
        .tickets { --accent: #b4480f; --accent-soft: #fdeadf; }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #12151c; --surface: #1b1f29; --line: #323949; --text: #e9ecf2; --quiet: #a3adbf;
            --good: #7fdca6; --good-soft: #12382a; --bad: #ff9aa5; --bad-soft: #451b22; --plain-soft: #272d3a;
            --on-accent: #0f1218;
          }
          .acme { --accent: #91a7ff; --accent-soft: #232c4d; }
          .initech { --accent: #66d0e0; --accent-soft: #14363d; }
          .wiki { --accent: #7fd491; --accent-soft: #1a3a22; }
          .tickets { --accent: #ffa877; --accent-soft: #43281a; }
        }
        * { box-sizing: border-box; }
        [hidden] { display: none !important; }
        body {
          margin: 0; background: var(--ground); color: var(--text);
          font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
        }
        a { color: var(--accent); text-underline-offset: .15em; }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
        h2 { font-size: 1.05rem; line-height: 1.3; margin: 0; }
        p { margin: 0 0 1rem; }
        .quiet { color: var(--quiet); }
        .card { background: var(--surface); border: 1px solid var(--line); border-radius: .75rem; padding: 1.5rem; }
        .narrow body { display: grid; place-items: center; align-content: center; min-height: 100vh; padding: 1rem; }
        .narrow .card { width: 100%; max-width: 27rem; border-top: .3rem solid var(--accent); }
        .narrow footer { max-width: 27rem; margin-top: 1rem; text-align: center; font-size: .875rem; color: var(--quiet); }
        .eyebrow { color: var(--accent); font-weight: 650; font-size: .875rem; margin: 0 0 .25rem; }

        .choices { display: grid; gap: .5rem; margin: 0; padding: 0; list-style: none; }
        button {
          font: inherit; color: inherit; cursor: pointer; border-radius: .5rem;
          border: 1px solid var(--line); background: var(--surface); padding: .5rem 1rem;
        }
        button:hover { border-color: var(--accent); }
        button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
        button.primary:hover { filter: brightness(1.08); }
        button.person { width: 100%; display: flex; gap: .75rem; align-items: center; text-align: left; padding: .625rem .75rem; }
        button.person:hover, button.person.suggested { background: var(--accent-soft); border-color: var(--accent); }
        .avatar {
          flex: none; width: 2.5rem; height: 2.5rem; border-radius: 50%; display: grid; place-items: center;
          background: var(--accent); color: var(--on-accent); font-weight: 650;
        }
        .person span { display: block; min-width: 0; overflow-wrap: anywhere; }
        .person .avatar { display: grid; }
        .person .name { font-weight: 600; line-height: 1.3; }
        .person .mail, .person .note { font-size: .875rem; color: var(--quiet); line-height: 1.35; }
        .row { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; margin-top: 1rem; }
        .row.apart { justify-content: space-between; }

        .bar { background: var(--surface); border-bottom: 1px solid var(--line); border-top: .3rem solid var(--accent); }
        .bar > div, .wide main { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
        .bar > div { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; padding-block: .75rem; }
        .bar .brand { font-weight: 700; font-size: 1.125rem; color: var(--accent); text-decoration: none; }
        .bar nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; flex: 1; }
        .bar nav a[aria-current] { color: var(--text); font-weight: 600; text-decoration: none; }
        .wide main { padding-block: 1.5rem 3rem; display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); }
        .head { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: center; margin-bottom: .75rem; }
        .head:last-child { margin-bottom: 0; }
        .hero { display: flex; gap: 1rem; align-items: flex-start; }
        .hero .avatar { width: 3.5rem; height: 3.5rem; font-size: 1.375rem; }
        .hero h1 { margin: 0; overflow-wrap: anywhere; }
        .hero p { margin: 0; overflow-wrap: anywhere; }
        .chips { display: flex; flex-wrap: wrap; gap: .375rem; margin-top: .625rem; }
        .chip { border-radius: 1rem; padding: .1rem .7rem; font-size: .875rem; background: var(--plain-soft); overflow-wrap: anywhere; }
        .chip.accent { background: var(--accent-soft); color: var(--accent); font-weight: 600; }
        .chip.good { background: var(--good-soft); color: var(--good); font-weight: 600; }
        .chip.bad { background: var(--bad-soft); color: var(--bad); font-weight: 600; }
        .warning { border-color: var(--bad); background: var(--bad-soft); color: var(--bad); }
        .warning p { margin: 0; }
        table { width: 100%; border-collapse: collapse; font-size: .9375rem; table-layout: fixed; }
        th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-top: 1px solid var(--line); }
        th { width: 18.5rem; font-weight: 500; color: var(--quiet); overflow-wrap: anywhere; }
        td { overflow-wrap: anywhere; }
        td, th, pre { font-family: ui-monospace, "SF Mono", "DejaVu Sans Mono", "Liberation Mono", monospace; font-size: .875rem; }
        tr:first-child th, tr:first-child td { border-top: 0; }
        details summary { cursor: pointer; overflow-wrap: anywhere; }
        details summary h2 { display: inline; }
        details[open] summary { margin-bottom: .5rem; }
        details pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
        @media (max-width: 34rem) {
          .card { padding: 1.125rem; }
          .bar .brand { flex: 1; }
          .bar nav { order: 1; flex-basis: 100%; }
          table, tbody, tr, th, td { display: block; width: auto; }
          th { border-top: 1px solid var(--line); padding: .5rem 0 0; }
          td { border-top: 0; padding: 0 0 .5rem; }
        }

        """
}
