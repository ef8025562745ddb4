// The matrix: success of every policy on every task.
"use strict";

let matrixOrder = "name";

function drawMatrix(index, episodes, filters) {
  const { columns } = index;
  const stride = index.entries.length;
  const rates = successRates(index, episodes, (episode) => columns.task[episode] * stride + columns.entry[episode]);
  const byTask = successRates(index, episodes, (episode) => columns.task[episode]);
  const tasks = [...byTask.keys()].sort((one, other) => one - other);
  if (matrixOrder === "success") tasks.sort((one, other) => byTask.get(one).share - byTask.get(other).share);
  const entries = [...new Set(episodes.map((episode) => columns.entry[episode]))].sort((one, other) => one - other);
  const order = select("Order of the tasks", [["name", "Tasks by name"], ["success", "Hardest tasks first"]], matrixOrder, (value) => {
    matrixOrder = value;
    drawMatrix(index, episodes, filters);
  });
  byId("matrix").replaceChildren(
    element("div.controls", {}, order),
    rateTable(
      "Task",
      tasks.map((task) => index.tasks[task]),
      entries.map((entry) => index.entries[entry].label),
      (row, column) => rates.get(tasks[row] * stride + entries[column]),
      (row, column) => {
        filters.choose({ task: [tasks[row]], policy: [entries[column]] });
        byId("episodes").scrollIntoView();
      },
    ),
  );
}
