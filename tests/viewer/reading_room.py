"""What hostile pages say; and what a page must not be for whoever reads it by keyboard, screen reader or phone."""

import os
from pathlib import Path

FOLDER = Path(__file__).parent
HOSTILE = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\"> \x1b[31m"
LEAVING = "Trang này muốn ra khỏi khung của nó, gọi về nhà và xoá kho ngữ liệu, nhưng chỉ còn là chữ mà thôi."
HOSTILE_PAGE = (FOLDER / "hostile.html").read_text(encoding="utf-8").replace("{LEAVING}", LEAVING)
FAULTS = (FOLDER / "faults.js").read_text(encoding="utf-8").partition("\n")[2]
"""A function for the browser: names, landmarks, headings, references, tables, order of focus, contrast, size of what is
touched, no scrolling sideways."""
AXE = Path(os.environ.get("AXE_CORE") or FOLDER.parents[1] / "node_modules" / "axe-core" / "axe.min.js")
"""The program axe-core, which finds more; it is not ours to bundle, so it is used where it is."""
AXE_FAULTS = """async () => {
  const found = await axe.run(document, {iframes: false, resultTypes: ["violations"]});
  return found.violations.filter((one) => ["serious", "critical"].includes(one.impact))
    .map((one) => one.id + ": " + one.nodes[0].html.slice(0, 160));
}"""
