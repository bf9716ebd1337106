// What the rail, the jumps and the command bar lead to: one list, so that none of them shows a dead entry.

import { Banknote, Boxes, ChartColumn, ClipboardCheck, Cog, Contact, CreditCard, FileCheck2, FileUp, Grid3x3, LayoutDashboard, ListChecks, Megaphone, MonitorSmartphone, PackageCheck, PackageOpen, PackagePlus, ReceiptText, Scale, ScrollText, Send, ShieldCheck, Shirt, ShoppingBag, Tags, TicketPercent, Truck, Undo2, UserRound, UsersRound } from '@lucide/vue'
import type { Component } from 'vue'

export interface Destination {
  name: string
  icon: Component
  /** The letter after `g`; the last screens of all have none left. */
  key?: string
  verb?: string
  /** Screens that belong to it. */
  covers?: readonly string[]
}

export const DESTINATIONS: readonly Destination[] = [
  { name: 'dashboard', icon: LayoutDashboard, key: 'd', verb: 'report.read', covers: ['wall'] },
  { name: 'sales', icon: ReceiptText, key: 'o', verb: 'sale.read', covers: ['sale'] },
  { name: 'weborders', icon: ShoppingBag, key: 'w', verb: 'order.read', covers: ['weborder'] },
  { name: 'picking', icon: PackageCheck, key: 'z', verb: 'stock.pick' },
  { name: 'parcels', icon: PackageOpen, verb: 'stock.handle' },
  { name: 'customers', icon: Contact, key: 'k', verb: 'customer.read', covers: ['person', 'privacy', 'look-alikes'] },
  { name: 'segments', icon: Grid3x3, key: 'j', verb: 'segment.read', covers: ['segment'] },
  { name: 'campaigns', icon: Send, verb: 'campaign.read', covers: ['campaign'] },
  { name: 'shifts', icon: Banknote, key: 'c', verb: 'shift.read' },
  { name: 'payments', icon: CreditCard, key: 't', verb: 'payment.read' },
  { name: 'einvoices', icon: FileCheck2, verb: 'einvoice.read' },
  { name: 'stock', icon: Boxes, key: 's', verb: 'stock.read', covers: ['ledger'] },
  { name: 'supply', icon: PackagePlus, key: 'b', verb: 'stock.read', covers: ['receive', 'order', 'order-new'] },
  { name: 'transfers', icon: Truck, key: 'x', verb: 'stock.read', covers: ['transfer', 'transfer-new'] },
  { name: 'counts', icon: ClipboardCheck, key: 'e', verb: 'stock.read', covers: ['count', 'adjustments'] },
  { name: 'products', icon: Shirt, key: 'p', verb: 'catalog.read', covers: ['style'] },
  { name: 'prices', icon: Tags, key: 'l', verb: 'price.write' },
  { name: 'promotions', icon: TicketPercent, key: 'h', verb: 'promotion.read', covers: ['promotion'] },
  { name: 'reports', icon: ChartColumn, key: 'f', verb: 'report.read', covers: ['report'] },
  { name: 'matters', icon: ListChecks, key: 'm', verb: 'stock.adjust' },
  { name: 'counter', icon: Megaphone, key: 'q', verb: 'message.write' },
]

export const PEOPLE: readonly Destination[] = [
  { name: 'staff', icon: UsersRound, key: 'n', verb: 'staff.read' },
  { name: 'roles', icon: ShieldCheck, key: 'r', verb: 'staff.read' },
  { name: 'return-rules', icon: Undo2, key: 'y', verb: 'settings.write' },
  { name: 'devices', icon: MonitorSmartphone, key: 'v', verb: 'till.read' },
  { name: 'imports', icon: FileUp, key: 'i', verb: 'catalog.import' },
  { name: 'audit', icon: ScrollText, key: 'a', verb: 'audit.read' },
  { name: 'books', icon: Scale, key: 'g', verb: 'audit.read' },
  { name: 'jobs', icon: Cog, verb: 'system.read' },
]

export const ACCOUNT: Destination = { name: 'profile', icon: UserRound, key: 'u' }

/** Where a screen belongs: its own entry, or the one that covers it. */
export const destinationOf = (screen: unknown): Destination | undefined =>
  [...DESTINATIONS, ...PEOPLE, ACCOUNT].find((item) => item.name === screen || item.covers?.includes(String(screen)))
