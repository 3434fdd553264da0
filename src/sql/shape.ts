/** A column of a table. */
export interface ShapedColumn {
  table_name: string;
  name: string;
}

/** A constraint or a column with the expression that it is made of. */
export interface ShapedExpression extends ShapedColumn {
  expression: string;
}

/** A foreign key. */
export interface ShapedReference extends ShapedColumn {
  column_name: string;
  parent_table: string;
  parent_column: string;
}
