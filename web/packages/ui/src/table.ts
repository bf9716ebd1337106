// The columns of a table, as its owner names them.

export interface Column {
  key: string
  label: string
  /** Numbers stand at the end of their cell, in tabular figures. */
  align?: 'start' | 'end'
  width?: string
  /** Left out below this width of the table: `wide` 900 px, `medium` 640 px. */
  from?: 'medium' | 'wide'
}
