// SPDX-License-Identifier: MIT
// fetchpool

/// The style sheet of the page.
enum PageStyle {
    /// Colours come from the variables at the top: one set for light screens and print, one for dark screens.
    static let sheet: StaticString = """
        :root{color-scheme:light dark;
        --paper:#fbfaf7;--card:#ffffff;--ink:#20242a;--soft:#5b636e;--line:#e4e0d8;--faint:#f1eee8;
        --good:#3c7f79;--bad:#b8573f;--mark:#20242a;
        --http_error:#c2913a;--fetch_error:#b8573f;--process_error:#8a5b8c;--worker_crash:#8e2f45;
        --timeout:#5f63a3;--blocked:#4c7096;--invalid:#857d6f;--skipped:#bdb6a8;--cancelled:#98a1ac;
        --h1:#d6e6e3;--h2:#aecfca;--h3:#7fb2ac;--h4:#54958e;--h5:#2f6f69}
        @media screen and (prefers-color-scheme:dark){:root{
        --paper:#15181c;--card:#1c2025;--ink:#e4e6e8;--soft:#9aa3ad;--line:#2f353c;--faint:#23282e;
        --good:#5fb0a8;--bad:#e0866c;--mark:#e4e6e8;
        --http_error:#d9ae5f;--fetch_error:#e0866c;--process_error:#b78ab9;--worker_crash:#d8667f;
        --timeout:#9296d8;--blocked:#7fa6cf;--invalid:#a59d8f;--skipped:#5e5a52;--cancelled:#6d7681;
        --h1:#233a39;--h2:#2d5552;--h3:#3b7671;--h4:#4f9a93;--h5:#74c4bb}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
        body{margin:0;background:var(--paper);color:var(--ink);
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
        font-variant-numeric:tabular-nums}
        main{max-width:1120px;margin:0 auto;padding:40px 32px 64px}
        h1{font-size:32px;line-height:1.2;font-weight:600;letter-spacing:-.015em;margin:4px 0 8px}
        h2{font-size:18px;line-height:1.3;font-weight:600;letter-spacing:-.005em;margin:0 0 4px}
        h3{font-size:14px;font-weight:600;margin:20px 0 4px}
        p{margin:0 0 10px;max-width:76ch}
        .kicker{color:var(--soft);font-size:13px;letter-spacing:.02em;margin:0}
        .soft,.say{color:var(--soft)}
        .say{font-size:14px}
        section{margin-top:44px}.halves h2:not(:first-child){margin-top:36px}.pair table{font-size:13.5px}.pair th+th,.pair td{padding-left:10px}.pair tbody th{white-space:nowrap}
        .any{overflow-wrap:anywhere}
        .tiles{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:1px;margin:24px 0 20px;
        background:var(--card);border:1px solid var(--line);border-radius:10px;overflow:hidden}
        .tiles div{padding:14px 18px 12px;box-shadow:0 0 0 1px var(--line)}
        .tiles dt{color:var(--soft);font-size:13px;margin:0}
        .tiles dd{margin:2px 0 0;font-size:23px;line-height:1.25;font-weight:600;letter-spacing:-.01em}
        .tiles small{display:block;color:var(--soft);font-size:13px;font-weight:400;letter-spacing:0;margin-top:1px}
        svg{display:block}
        .all{width:100%;height:16px;border-radius:5px}
        .key{list-style:none;display:flex;flex-wrap:wrap;gap:4px 20px;margin:10px 0 0;padding:0;font-size:14px}
        .key svg,td svg.dot,th svg.dot{display:inline-block;width:10px;height:10px;margin-right:7px}
        .key span{color:var(--soft)}
        .pair{display:grid;grid-template-columns:minmax(0,1.45fr) minmax(0,1fr);gap:32px;align-items:start;margin-top:12px}
        .halves{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:40px;align-items:start}
        figure{margin:0}
        .plot{display:grid;grid-template-columns:auto minmax(0,1fr);grid-template-rows:230px 22px;column-gap:8px}
        .marked{margin-top:60px}.plot>svg{grid-column:2;grid-row:1;width:100%;height:100%;overflow:visible}
        .ys{grid-column:1;grid-row:1;display:grid;font-size:12px;color:var(--soft);text-align:right}
        .ys span{grid-area:1/1;position:relative;height:0;line-height:0;align-self:start}
        .xs{grid-column:2;grid-row:2;position:relative;font-size:12px;color:var(--soft);height:22px}
        .xs span{position:absolute;top:4px;transform:translateX(-50%);white-space:nowrap}
        .xs .a{transform:none}.xs .z{transform:translateX(-100%)}
        .qs{grid-column:2;grid-row:1;position:relative;font-size:12px;height:0}
        .qs span{position:absolute;white-space:nowrap;padding:0 3px 0 5px;line-height:16px;background:var(--paper);color:var(--soft)}
        .qs .z{transform:translateX(-100%);padding:0 5px 0 3px;margin-left:-1px}.qs span:not(.z){margin-left:1px}
        .grid{stroke:var(--line);stroke-width:1;vector-effect:non-scaling-stroke}
        .base{stroke:var(--soft);stroke-width:1;vector-effect:non-scaling-stroke}
        .quantile{stroke:var(--mark);stroke-width:1;stroke-dasharray:3 3;vector-effect:non-scaling-stroke}
        .hit{fill:transparent}.bars g:hover .hit{fill:var(--ink);fill-opacity:.06}
        .good{fill:var(--good)}.bad{fill:var(--bad)}.rest{fill:var(--faint)}
        .o-ok{fill:var(--good)}.o-http_error{fill:var(--http_error)}.o-fetch_error{fill:var(--fetch_error)}
        .o-process_error{fill:var(--process_error)}.o-worker_crash{fill:var(--worker_crash)}
        .o-timeout{fill:var(--timeout)}.o-blocked{fill:var(--blocked)}.o-invalid{fill:var(--invalid)}
        .o-skipped{fill:var(--skipped)}.o-cancelled{fill:var(--cancelled)}
        .h1{fill:var(--h1)}.h2{fill:var(--h2)}.h3{fill:var(--h3)}.h4{fill:var(--h4)}.h5{fill:var(--h5)}
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;width:100%;font-size:14px;line-height:1.4}
        caption{text-align:left;color:var(--soft);font-size:13px;padding:0 0 4px}
        th,td{padding:5px 0 5px 14px;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
        th:first-child,td:first-child{padding-left:0}
        thead th{color:var(--soft);font-weight:400;font-size:13px;white-space:nowrap;vertical-align:bottom}
        tbody th{font-weight:400}
        .n{text-align:right;white-space:nowrap}
        .bar{width:22%;min-width:56px}
        .bar svg{width:100%;height:9px;border-radius:2px;margin-top:6px}
        .note{display:block;color:var(--soft);font-size:13px}
        .strip{width:62%;min-width:130px}
        .strip svg{width:100%;height:18px;border-radius:3px;background:var(--faint)}
        td.axis{padding-top:0;border-bottom:0}
        .axis .xs{margin-top:0}
        .death{fill:var(--worker_crash)}
        .ramp{display:inline-block;width:70px;height:10px;vertical-align:-1px;margin:0 6px}
        details{border-top:1px solid var(--line);padding:8px 0}
        summary{cursor:pointer;overflow-wrap:anywhere}
        pre{margin:8px 0 6px;padding:12px 14px;background:var(--faint);border-radius:8px;font:12.5px/1.5 ui-monospace,
        SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre-wrap;overflow-wrap:anywhere}
        footer{margin-top:56px;padding-top:16px;border-top:1px solid var(--line);font-size:13px;color:var(--soft)}
        footer li{margin:3px 0}footer ul{margin:6px 0 0;padding-left:18px;max-width:90ch}
        @media (max-width:960px){.pair,.halves{grid-template-columns:minmax(0,1fr);gap:18px}
        .axis .long span:nth-child(even){display:none}}
        @media (max-width:560px){main{padding:22px 16px 40px}h1{font-size:25px}section{margin-top:34px}
        .tiles{grid-template-columns:repeat(2,minmax(0,1fr))}.tiles dd{font-size:20px}.tiles div{padding:10px 12px}
        .plot{grid-template-rows:180px 22px}.xs span:nth-child(even){display:none}
        .axis .long span:not(:first-child){display:none}
        th,td{padding-left:9px}.bar{min-width:36px;width:14%}.wide{display:none}thead th:first-child{white-space:normal}
        .pair table{font-size:13px}.pair th+th,.pair td{padding-left:5px}.strip{min-width:100px;width:45%}}
        @media (max-width:360px){main{padding:18px 10px 36px}section{overflow-x:auto}}
        @media print{:root{--paper:#fff;--card:#fff}body{font-size:11pt}main{max-width:none;padding:0}
        *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
        h2,h3,caption,.say,summary{break-after:avoid}tr,figure,.tiles,pre,p,details{break-inside:avoid}
        section{margin-top:22pt}.axis .long span:nth-child(even){display:none}
        .pair{grid-template-columns:minmax(0,1.4fr) minmax(0,1fr);gap:20px}
        .halves{grid-template-columns:repeat(2,minmax(0,1fr));gap:24px}
        details::details-content{content-visibility:visible;block-size:auto}.scroll{overflow:visible}
        table{font-size:9.5pt}.pair table{font-size:8.5pt}.pair th+th,.pair td{padding-left:5px}.bar.wide{display:none}
        .plot{grid-template-rows:150px 22px}pre{font-size:8.5pt}}
        """
}
