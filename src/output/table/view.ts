/** Views over a table. */

/** A view. */
export interface View {
  name: string;
  description: string;
  query: string;
}

/** A table, as views over it need it. */
export interface ViewedTable {
  /** Its name, without that of its schema. */
  name: string;
  /** Its name in SQL. */
  quoted: string;
}

/** Returns the name of a view, which is plain where the table has the name that it has by default. */
export function viewName({ name }: ViewedTable, view: string, plain: string): string {
  return name === plain ? view : `${name}_${view}`;
}

/** Returns a column of a view. */
export function named(expression: string, name: string): string {
  return expression === name ? name : `${expression} AS ${name}`;
}
