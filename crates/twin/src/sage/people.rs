//! What people change in Sage's desktop program beside orders: items, customers, rights, periods. A caller's reads find it at once.

use super::Sage;
use super::reference::Company;

impl Sage {
    /// Whether a customer account is on hold.
    pub fn put_on_hold(&mut self, company: u32, reference: &str, on_hold: bool) {
        let customers = self.companies.get_mut(&company).map(|company| &mut company.customers);
        for customer in customers.into_iter().flatten() {
            if customer.reference == reference {
                customer.on_hold = on_hold;
            }
        }
    }

    /// Whether the item with this very code is active. False where there is none.
    pub fn set_active(&mut self, company: u32, code: &str, active: bool) -> bool {
        self.change(company, code, |product| product.active = active)
    }

    pub fn set_barcode(&mut self, company: u32, code: &str, barcode: &str) -> bool {
        self.change(company, code, |product| product.barcode = barcode.into())
    }

    /// Whether the warehouse has a holding of the item.
    pub fn set_held(&mut self, company: u32, code: &str, held: bool) -> bool {
        self.change(company, code, |product| product.held = held)
    }

    /// Another code for an item.
    pub fn rename(&mut self, company: u32, code: &str, new: &str) -> bool {
        self.change(company, code, |product| product.code = new.into())
    }

    /// An item beside the others, whatever they are called.
    pub fn add_item(&mut self, company: u32, code: &str) {
        let (id, holding) = (self.ids.next(), self.ids.next());
        if let Some(company) = self.companies.get_mut(&company) {
            company.add_product(id, holding, code);
        }
    }

    /// Whether our user may give a line another price than the price book's.
    pub fn allow_prices(&mut self, company: u32, allowed: bool) {
        self.with(company, |company| company.overrides_prices = allowed);
    }

    /// Days before this one (`2026-11-02`) are closed; with an empty text none is.
    pub fn close_before(&mut self, company: u32, day: &str) {
        self.with(company, |company| company.closed_before = day.into());
    }

    /// Whether drafts can be deleted at all.
    pub fn keep_drafts(&mut self, company: u32, keeps: bool) {
        self.with(company, |company| company.keeps_drafts = keeps);
    }

    /// The code of an item as it stands in the books, whatever letters it is asked for in.
    pub fn code_of(&self, company: u32, code: &str) -> Option<String> {
        let mut products = self.companies.get(&company)?.products.values();
        products
            .find(|product| product.code.eq_ignore_ascii_case(code))
            .map(|product| product.code.clone())
    }

    fn with(&mut self, company: u32, change: impl FnOnce(&mut Company)) {
        if let Some(company) = self.companies.get_mut(&company) {
            change(company);
        }
    }

    fn change(&mut self, company: u32, code: &str, change: impl FnOnce(&mut super::reference::Product)) -> bool {
        let Some(company) = self.companies.get_mut(&company) else {
            return false;
        };
        let id = company.product_coded(code);
        id.is_some_and(|id| company.change_product(id, change))
    }
}
