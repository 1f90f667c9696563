/** The pages' looks: light and dark by the reader's choice, from a telephone to a wall, and on paper. */
export const style = `
:root{color-scheme:light dark;--ink:#1b1f24;--dim:#57606a;--ground:#fff;--raised:#f6f8fa;--line:#d0d7de;--bad:#b42318;--warn:#8a5300;--good:#1a6b33;--plain:#4a5562;--link:#0757b8;--endpoint:#2b7a4b;--direct:#2f6fbf;--tunnel:#8b5fbf;--dropped:#d05a10;--local:#98a2ad;--unseen:#c2a13a}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--dim:#9da7b1;--ground:#0d1117;--raised:#161b22;--line:#30363d;--bad:#ff8b80;--warn:#e3b341;--good:#56d37f;--plain:#adb7c1;--link:#79b8ff;--endpoint:#4cc27a;--direct:#6aa9f5;--tunnel:#b58be8;--dropped:#ff9a57;--local:#6e7781;--unseen:#d9b65a}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1400px;padding:1.5rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground);overflow-wrap:anywhere}
@media (min-width:2400px){body{font-size:20px;max-width:2200px}}
h1{font-size:1.5rem;margin:0 0 .2rem}h2{font-size:1.15rem;margin:2rem 0 .6rem}h3{font-size:1rem;margin:1.2rem 0 .4rem}
p{margin:.3rem 0}ul{margin:.3rem 0;padding-left:1.3rem}a{color:var(--link)}.dim{color:var(--dim)}.lead{font-size:1.2rem;font-weight:600}
.counts{display:flex;flex-wrap:wrap;gap:.8rem;margin:1rem 0}
.counts div{flex:1 1 8rem;padding:.7rem 1rem;border:1px solid var(--line);border-radius:.5rem;background:var(--raised)}
.counts b{display:block;font-size:1.8rem;line-height:1.2}
.nonCompliant{color:var(--bad);fill:var(--bad)}.unknown{color:var(--warn);fill:var(--warn)}.compliant{color:var(--good);fill:var(--good)}.outOfScope{color:var(--plain);fill:var(--local)}
.chip{display:inline-block;padding:0 .5rem;border:1px solid currentColor;border-radius:1rem;font-size:.85rem;font-weight:600;white-space:nowrap}
.breakdowns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:0 2rem}
.breakdowns th{font-weight:400;width:65%}.bar{display:block;width:100%;min-width:5rem;height:.8rem}
table{border-collapse:collapse;width:100%;font-size:.94rem}
th,td{padding:.35rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
thead th,.whole{white-space:nowrap}th button,button.plain{all:unset;cursor:pointer}th button{font-weight:inherit}thead th button{font-weight:600}
th[aria-sort=ascending] button::after{content:" ▲"}th[aria-sort=descending] button::after{content:" ▼"}
button.plain{text-decoration:underline dotted;text-underline-offset:.2em}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto}.scroll table{min-width:40rem}
.filters{display:flex;flex-wrap:wrap;align-items:end;gap:.8rem;margin:.8rem 0}.filters[hidden]{display:none}
.filters label{display:flex;flex-direction:column;flex:0 1 16rem;min-width:0;max-width:100%;font-size:.85rem;color:var(--dim)}
input,select,button{font:inherit;padding:.35rem .5rem;color:var(--ink);background:var(--ground);border:1px solid var(--line);border-radius:.35rem;max-width:100%}
button{cursor:pointer}
article{margin:1.2rem 0;padding:1rem 1.2rem;border:1px solid var(--line);border-radius:.5rem}
article>h2{margin:0}:target,article:focus,.finding:focus{outline:2px solid var(--link);outline-offset:2px}
.finding{margin:.9rem 0;padding:.1rem 0 .1rem .9rem;border-left:4px solid var(--line);color:var(--ink)}
.finding.fail{border-color:var(--bad)}.finding.fail h3 .dim{color:var(--bad)}.finding.unknown{border-color:var(--warn)}.finding h3{margin:0}
pre{margin:.4rem 0;padding:.7rem;overflow-x:auto;font:13px/1.45 ui-monospace,monospace;background:var(--raised);border:1px solid var(--line);border-radius:.35rem;white-space:pre-wrap}
code{font:.9em ui-monospace,monospace}
button.copy{font-size:.85rem;padding:.1rem .6rem;margin-top:.4rem}
summary{cursor:pointer}
.sankey{display:block;width:100%;max-width:1000px;height:auto;margin:.4rem 0}
.sankey text,.flow text{font:13px system-ui,sans-serif;fill:var(--ink)}.flow .left{text-anchor:end}.flow .left.broken text{fill:var(--bad);font-weight:600}
.flow g>path{fill:none;stroke-opacity:.5}.flow g>path:hover{stroke-opacity:.9}
.flow .broken,.flow .plain{fill:var(--plain)}
.flow .endpoint,.space .endpoint,.legend .endpoint{fill:var(--endpoint);stroke:var(--endpoint);color:var(--endpoint)}
.flow .direct,.space .direct,.legend .direct{fill:var(--direct);stroke:var(--direct);color:var(--direct)}
.flow .tunnel,.space .tunnel,.legend .tunnel{fill:var(--tunnel);stroke:var(--tunnel);color:var(--tunnel)}
.flow .dropped,.space .dropped,.legend .dropped{fill:var(--dropped);stroke:var(--dropped);color:var(--dropped)}
.flow .virtualNetwork,.space .virtualNetwork,.legend .virtualNetwork{fill:var(--local);stroke:var(--local);color:var(--local)}
.space .unused,.legend .unused{fill:var(--line);color:var(--line)}
.flow .unknown,.space .unknown,.legend .unknown{fill:var(--unseen);stroke:var(--unseen);color:var(--unseen)}
.flow>path{stroke:none}.strip{margin:.4rem 0}.strip svg{display:block;width:100%;height:36px}.space path{stroke:none}.shapes{position:absolute;width:0;height:0}
.strip input{display:block;width:100%;margin:0;padding:0}.strip output{display:block;font-size:.9rem}
.legend{list-style:none;margin:.4rem 0;padding:0;display:flex;flex-wrap:wrap;gap:.1rem 1.2rem;font-size:.9rem}
.legend i{display:inline-block;width:.8rem;height:.8rem;margin-right:.4rem;border-radius:.15rem;background:currentColor}
.timeline{display:block;width:100%;min-width:12rem;height:1rem;background:var(--raised)}
[hidden]{display:none}
@media print{body{max-width:none;padding:0}.filters,button.copy,.strip input,#more{display:none}article{break-inside:avoid-page}}
`;
