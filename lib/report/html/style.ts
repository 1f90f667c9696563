/** The page's looks: light and dark by the reader's choice, from a telephone to a wall, and on paper. */
export const style = `
:root{color-scheme:light dark;--ink:#1b1f24;--dim:#57606a;--ground:#fff;--raised:#f6f8fa;--line:#d0d7de;--bad:#b42318;--warn:#8a5300;--good:#1a6b33;--plain:#4a5562;--link:#0757b8;--endpoint:#2b7a4b;--direct:#2f6fbf;--tunnel:#8b5fbf;--dropped:#b42318;--unknown:#8a6d1f}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--dim:#9da7b1;--ground:#0d1117;--raised:#161b22;--line:#30363d;--bad:#ff8b80;--warn:#e3b341;--good:#56d37f;--plain:#adb7c1;--link:#79b8ff;--endpoint:#4cc27a;--direct:#6aa9f5;--tunnel:#b58be8;--dropped:#ff8b80;--unknown:#d9b65a}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1400px;padding:1.5rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground);overflow-wrap:anywhere}
h1{font-size:1.5rem;margin:0 0 .2rem}h2{font-size:1.15rem;margin:2rem 0 .6rem}h3{font-size:1rem;margin:1.2rem 0 .4rem}
p{margin:.3rem 0}a{color:var(--link)}.dim{color:var(--dim)}
.counts{display:flex;flex-wrap:wrap;gap:.8rem;margin:1rem 0}
.counts div{flex:1 1 8rem;padding:.7rem 1rem;border:1px solid var(--line);border-radius:.5rem;background:var(--raised)}
.counts b{display:block;font-size:1.8rem;line-height:1.2}
.nonCompliant{color:var(--bad)}.unknown{color:var(--warn)}.compliant{color:var(--good)}.outOfScope{color:var(--plain)}
table{border-collapse:collapse;width:100%;font-size:.94rem}
th,td{padding:.4rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th button{all:unset;cursor:pointer;font-weight:600}th button:focus-visible{outline:2px solid var(--link)}
.scroll{overflow-x:auto}.scroll table{min-width:40rem}
.filters{display:flex;flex-wrap:wrap;gap:.8rem;margin:.8rem 0}
.filters label{display:flex;flex-direction:column;font-size:.85rem;color:var(--dim)}
input,select{font:inherit;padding:.35rem .5rem;color:var(--ink);background:var(--ground);border:1px solid var(--line);border-radius:.35rem;max-width:100%}
article{margin:1.2rem 0;padding:1rem 1.2rem;border:1px solid var(--line);border-radius:.5rem;content-visibility:auto;contain-intrinsic-size:auto 900px}
article>h2{margin:0}
.finding{margin:.7rem 0;padding:.2rem 0 .2rem .9rem;border-left:4px solid var(--line)}
.finding.fail{border-color:var(--bad)}.finding.unknown{border-color:var(--warn)}.finding p{color:var(--ink)}
.word{font-weight:600}
pre{position:relative;margin:.4rem 0;padding:.7rem;overflow-x:auto;font:13px/1.45 ui-monospace,monospace;background:var(--raised);border:1px solid var(--line);border-radius:.35rem;white-space:pre-wrap}
button.copy{font:inherit;font-size:.85rem;padding:.15rem .6rem;color:var(--ink);background:var(--ground);border:1px solid var(--line);border-radius:.35rem;cursor:pointer}
summary{cursor:pointer}
.sankey{display:block;width:100%;max-width:900px;height:auto;margin:.6rem 0}
.sankey text{font:12px system-ui,sans-serif;fill:var(--ink)}.sankey rect{fill:var(--plain)}
.band{fill:none;stroke:var(--plain);stroke-opacity:.45}.band:hover{stroke-opacity:.8}
.band.endpoint{stroke:var(--endpoint)}.band.direct{stroke:var(--direct)}.band.tunnel{stroke:var(--tunnel)}.band.dropped{stroke:var(--dropped)}.band.unknown{stroke:var(--unknown)}
.sankey rect.endpoint{fill:var(--endpoint)}.sankey rect.direct{fill:var(--direct)}.sankey rect.tunnel{fill:var(--tunnel)}.sankey rect.dropped{fill:var(--dropped)}.sankey rect.unknown{fill:var(--unknown)}
th,.whole{white-space:nowrap}
[hidden]{display:none}
@media print{body{max-width:none;padding:0}.filters,button.copy{display:none}article{break-inside:avoid-page;content-visibility:visible}}
`;
