// @ts-check
// A shared computer left so that whoever sits down next finds nothing.

import { byId, first } from "./elements.js";
import { dismiss, notice } from "./notices.js";
import { drafts } from "./parts.js";
import { download } from "./report.js";
import { dropUnsaved, startAnew } from "./shelf.js";
import { forgetSteps } from "./steps.js";

export function askToClear() {
  const count = drafts.all().length;
  const said = `要删除这个浏览器里的全部草稿${count ? `（${count} 份）` : ""}，并清空正在填的表吗？删除以后不能恢复；要留的，请先保存为文件。`;
  notice("clear", "warning", said, [["全部删除", clear], ["先保存为文件", () => download("yaml")]]);
  first(byId("notice-clear"), "button").focus();
}

function clear() {
  dropUnsaved();
  const isClear = drafts.clear();
  startAnew();
  forgetSteps();
  ["clear", "dropped", "contract", "full", "leftovers"].forEach(dismiss);
  if (isClear) notice("cleared", "note", "已清空，这个浏览器里没有草稿了。下载到电脑上的文件不受影响。", []);
  else notice("cleared", "error", "没有清空：浏览器不让删。请在浏览器的设置里清除本网站的数据。", []);
}
