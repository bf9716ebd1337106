// What a command bar offers: things to go to and things to do.

import type { Component } from 'vue'

export interface Command {
  id: string
  label: string
  detail?: string
  icon?: Component
  keys?: readonly string[]
}

export interface CommandGroup {
  label: string
  commands: readonly Command[]
}
